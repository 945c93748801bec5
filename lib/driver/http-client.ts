/**
 * The driver's HTTP client: one bounded exchange with a server that may do anything. Used by the protocol adapters and by the
 * conformance rules. It sets no deadline of its own: whoever calls aborts.
 *
 * undici's `dispatch` is the cheapest way in Node to do this (measured on one core: 17 µs an exchange, `request` 21 µs, node:http 24 µs).
 */
import { type Dispatcher, Pool } from 'undici';
import { messageOf } from '../core/errors.ts';

/** An abort switch for one exchange: cheaper than an AbortSignal, of which 6,000 a second would be needed. */
export interface Switch {
  aborted: boolean;
  /** Why, in the words of whoever aborted. */
  reason: string;
  /** Set while an exchange listens. */
  onAbort: (() => void) | null;
}

/** A switch that nobody has aborted. */
export function newSwitch(): Switch {
  return { aborted: false, reason: '', onAbort: null };
}

/** Ends the exchange that listens, at once; the first reason stands. */
export function abort(target: Switch, reason: string): void {
  if (target.aborted) return;
  target.aborted = true;
  target.reason = reason;
  target.onAbort?.();
}

export interface HttpAnswer {
  readonly kind: 'answer';
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Buffer;
  /** Both read `performance.now()`. */
  readonly firstByteAt: number;
  readonly doneAt: number;
}

export type HttpResult =
  | HttpAnswer
  /** The connection ended first. `reached` is false when no byte of the request can have arrived. */
  | { readonly kind: 'lost'; readonly reached: boolean; readonly message: string }
  | { readonly kind: 'too-large'; readonly limitBytes: number }
  /** What came back is not HTTP. */
  | { readonly kind: 'malformed'; readonly message: string }
  | { readonly kind: 'aborted' };

/** What takes the body of one answer in place of `HttpAnswer.body`, piece by piece as it arrives. */
export interface BodyTaker {
  /** In place of the request's. */
  readonly maxBytes: number;
  /** `at` reads `performance.now()` when the client got the chunk. Called while sockets are read: it only puts the chunk aside. */
  readonly take: (chunk: Buffer, at: number) => void;
}

export interface HttpRequest {
  readonly method: 'GET' | 'PUT' | 'POST' | 'DELETE';
  readonly path: string;
  readonly headers?: Record<string, string>;
  readonly body?: string | Buffer;
  /** The body of the answer is refused beyond this, while it arrives. */
  readonly maxBytes: number;
  /**
   * Asked once the head is there: what takes the body (the answer's own is then empty), or null. `stop` ends the exchange as an answer, for a
   * taker that has seen enough; the connection is closed.
   */
  readonly takeBody?: (head: Pick<HttpAnswer, 'status' | 'headers'>, stop: () => void) => BodyTaker | null;
}

export interface HttpClient {
  /** Never rejects. */
  readonly send: (request: HttpRequest, control?: Switch) => Promise<HttpResult>;
  readonly close: () => Promise<void>;
}

const ABORTED = new Error('aborted by the driver');
const TOO_LARGE = new Error('the answer is too large');
const ENOUGH = new Error('the driver has seen enough');

/** At most `connections` at a time to `origin`, each with one exchange on it. */
export function httpClient(origin: string, connections: number): HttpClient {
  const pool = new Pool(origin, { connections, pipelining: 1, headersTimeout: 0, bodyTimeout: 0, connect: { timeout: 10_000 } });
  return {
    send: (request, control) => new Promise((resolve) => exchange(pool, request, control, resolve)),
    close: () => pool.destroy(),
  };
}

function exchange(pool: Pool, request: HttpRequest, control: Switch | undefined, resolve: (result: HttpResult) => void): void {
  if (control?.aborted) {
    resolve({ kind: 'aborted' });
    return;
  }
  const chunks: Buffer[] = [];
  let received = 0;
  let status = 0;
  let headers: Record<string, string | string[] | undefined> = {};
  let firstByteAt = 0;
  let taker: BodyTaker | null = null;
  let limitBytes = request.maxBytes;
  let started = false;
  let settled = false;
  const settle = (result: HttpResult): void => {
    if (settled) return;
    settled = true;
    if (control !== undefined) control.onAbort = null;
    resolve(result);
  };
  // Until a connection takes the request there is no controller: the abort settles at once, and the request dies when it starts.
  if (control !== undefined) control.onAbort = () => settle({ kind: 'aborted' });
  const options: Dispatcher.DispatchOptions = { method: request.method, path: request.path, idempotent: true };
  if (request.headers !== undefined) options.headers = request.headers;
  if (request.body !== undefined) options.body = request.body;
  pool.dispatch(options, {
    onRequestStart(controller) {
      started = true;
      if (control === undefined) return;
      if (control.aborted) controller.abort(ABORTED);
      else
        control.onAbort = () => {
          settle({ kind: 'aborted' });
          controller.abort(ABORTED);
        };
    },
    onResponseStart(controller, statusCode, responseHeaders) {
      firstByteAt = performance.now();
      status = statusCode;
      headers = responseHeaders;
      if (request.takeBody === undefined) return;
      taker = request.takeBody({ status, headers }, () => {
        if (settled) return;
        settle({ kind: 'answer', status, headers, body: Buffer.alloc(0), firstByteAt, doneAt: performance.now() });
        controller.abort(ENOUGH);
      });
      limitBytes = taker?.maxBytes ?? limitBytes;
    },
    onResponseData(controller, chunk) {
      received += chunk.length;
      if (received <= limitBytes) {
        if (taker === null) chunks.push(chunk);
        else taker.take(chunk, performance.now());
        return;
      }
      settle({ kind: 'too-large', limitBytes });
      controller.abort(TOO_LARGE);
    },
    onResponseEnd() {
      const [only] = chunks;
      const body = only !== undefined && chunks.length === 1 ? only : Buffer.concat(chunks);
      settle({ kind: 'answer', status, headers, body, firstByteAt, doneAt: performance.now() });
    },
    onResponseError(_controller, error) {
      const message = describe(error);
      if (error.name === 'HTTPParserError') settle({ kind: 'malformed', message });
      else settle({ kind: 'lost', reached: started && !isRefused(error), message });
    },
  });
}

function isRefused(error: Error): boolean {
  return 'code' in error && (error.code === 'ECONNREFUSED' || error.code === 'UND_ERR_CONNECT_TIMEOUT');
}

function describe(error: Error): string {
  const code = 'code' in error && typeof error.code === 'string' ? `${error.code}: ` : '';
  return `${code}${messageOf(error)}`.slice(0, 300);
}
