/**
 * Calls the deployed API: signs each request (SigV4) or sends a bearer token, bounds time and size, tries again what may be tried
 * again, and turns problem details into the one error type. lib/cli/deployment-api.ts gives it the schemas of the answers.
 */
import { Sha256 } from '@aws-crypto/sha256-js';
import { SignatureV4 } from '@smithy/signature-v4';
import { BakeoffError } from '../../core/errors.ts';
import { apiProblem } from './api-problem.ts';
import { nameOf } from './explain-aws-error.ts';
import { readBounded } from './read-bounded.ts';

/** What the usual credential chain answers. */
export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

export interface ApiClientOptions {
  /** With a base path where the API has one; it is kept. */
  readonly baseUrl: string;
  readonly region: string;
  /** `sign` for IAM authorisation, `bearer` where the deployment wants a token. */
  readonly access:
    | { readonly kind: 'sign'; readonly credentials: () => Promise<Credentials> }
    | { readonly kind: 'bearer'; readonly token: string };
  readonly sleep: (durationMs: number) => Promise<void>;
  /** How long one try may take, its answer read; default 20 s, below which API Gateway ends by itself in 30 s. */
  readonly timeoutMs?: number;
}

export interface ApiRequest {
  readonly method: 'GET' | 'POST' | 'DELETE';
  /** Below the base URL, with its leading slash; segments are encoded by the caller. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** True when doing it twice is the same as doing it once: GET and DELETE are, a POST with a key of its own is. */
  readonly isRepeatable: boolean;
  /** Statuses of 400 or more that the caller reads itself. */
  readonly expects?: readonly number[];
}

export interface ApiAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

export interface ApiClient {
  /** Answers below 400, redirects (not followed) and 304 among them; throws a BakeoffError for the rest. */
  readonly send: (request: ApiRequest) => Promise<ApiAnswer>;
}

const TRIES = 5;
const FIRST_WAIT_MS = 400;
const MOST_WAIT_MS = 20_000;
/** A Lambda function answers at most 6 MB. */
const MOST_ANSWER_BYTES = 8 << 20;
/** What may be gone in a moment. */
const PASSING_STATUSES: ReadonlySet<number> = new Set([429, 500, 502, 503, 504]);

type Try = { readonly kind: 'answered'; readonly answer: ApiAnswer } | { readonly kind: 'failed'; readonly error: BakeoffError };

export function apiClient(options: ApiClientOptions): ApiClient {
  const once = async (request: ApiRequest): Promise<Try> => {
    try {
      const headers = await authorised(request, options);
      const response = await fetch(addressOf(options.baseUrl, request), {
        method: request.method,
        headers,
        redirect: 'manual',
        signal: AbortSignal.timeout(options.timeoutMs ?? 20_000),
        ...(request.body === undefined ? {} : { body: request.body }),
      });
      return {
        kind: 'answered',
        answer: { status: response.status, headers: response.headers, text: await readBounded(response, MOST_ANSWER_BYTES) },
      };
    } catch (thrown) {
      if (thrown instanceof BakeoffError) throw thrown;
      return { kind: 'failed', error: unreachable(options, thrown) };
    }
  };
  return {
    send: async (request) => {
      for (let tried = 1; ; tried += 1) {
        const result = await once(request);
        const isPassing = result.kind === 'failed' || PASSING_STATUSES.has(result.answer.status);
        if (isPassing && request.isRepeatable && tried < TRIES) {
          await options.sleep(waitMs(tried, result));
          continue;
        }
        if (result.kind === 'failed') throw result.error;
        if (result.answer.status >= 400 && !request.expects?.includes(result.answer.status))
          throw apiProblem(result.answer, request, tried);
        return result.answer;
      }
    },
  };
}

/** The base path stays: an API behind a stage or an emulator is not at the root of its host. */
function addressOf(baseUrl: string, { path, query }: Pick<ApiRequest, 'path' | 'query'>): URL {
  const url = new URL(baseUrl);
  url.pathname = `${url.pathname.replace(/\/+$/, '')}${path}`;
  for (const [name, value] of Object.entries(query ?? {})) url.searchParams.set(name, value);
  return url;
}

/** What the server asks for, else 0.4 s doubled with each try, less up to a half so that callers do not come back together. */
function waitMs(tried: number, result: Try): number {
  const asked = result.kind === 'answered' ? Number(result.answer.headers.get('retry-after') ?? Number.NaN) : Number.NaN;
  if (Number.isFinite(asked) && asked >= 0) return Math.min(MOST_WAIT_MS, asked * 1000);
  return Math.min(MOST_WAIT_MS, FIRST_WAIT_MS * 2 ** (tried - 1)) * (1 - Math.random() / 2);
}

async function authorised(request: ApiRequest, options: ApiClientOptions): Promise<Record<string, string>> {
  const url = addressOf(options.baseUrl, request);
  const headers: Record<string, string> = { accept: 'application/json', ...request.headers };
  if (request.body !== undefined) headers['content-type'] ??= 'application/json';
  if (options.access.kind === 'bearer') return { ...headers, authorization: `Bearer ${options.access.token}` };
  const signer = new SignatureV4({
    service: 'execute-api',
    region: options.region,
    credentials: await options.access.credentials(),
    sha256: Sha256,
  });
  const signed = await signer.sign({
    method: request.method,
    protocol: url.protocol,
    hostname: url.hostname,
    ...(url.port === '' ? {} : { port: Number(url.port) }),
    path: url.pathname,
    query: Object.fromEntries(url.searchParams),
    headers: { ...headers, host: url.host },
    ...(request.body === undefined ? {} : { body: request.body }),
  });
  // `fetch` sets the host itself, to what was signed.
  const { host: _host, ...sent } = signed.headers;
  return sent;
}

function unreachable({ baseUrl }: ApiClientOptions, thrown: unknown): BakeoffError {
  const isSlow = nameOf(thrown) === 'TimeoutError';
  const cause = thrown instanceof Error && thrown.cause instanceof Error ? thrown.cause.message : nameOf(thrown);
  return new BakeoffError({
    code: 'api-unreachable',
    message: `the API at ${new URL(baseUrl).host} ${isSlow ? 'did not answer in time' : `cannot be reached (${cause.slice(0, 200)})`}`,
    remedy: 'See that this machine reaches it, then try again; runs go on without you.',
    kind: 'environment',
    cause: thrown,
  });
}
