/**
 * What a conformance rule is and may use. One rule a file under rules/; check-server.ts runs them in order.
 */
import type { ModelProtocolName } from '../core/protocols.ts';
import type { HttpRequest, HttpResult } from '../driver/http-client.ts';

export type Protocol = ModelProtocolName | 'evaluator';

export type Finding =
  | { readonly outcome: 'passed'; readonly seen: string }
  | { readonly outcome: 'failed'; readonly seen: string; readonly remedy: string }
  /** The rule does not apply to this server, or nothing could be seen. */
  | { readonly outcome: 'skipped'; readonly seen: string };

export interface Rule {
  /** Kebab-case and stable. */
  readonly id: string;
  /** A sentence about what holds. */
  readonly title: string;
  readonly protocols: readonly Protocol[];
  readonly run: (context: CheckContext) => Promise<Finding>;
}

/** An input that the model should be able to answer. */
export interface SampleInput {
  readonly task: string;
  readonly prompt?: string;
  readonly messages?: readonly unknown[];
  readonly row?: Readonly<Record<string, number | string | null>>;
  readonly files?: readonly { readonly path: string; readonly sha256: string; readonly contentType: string }[];
}

export interface CheckContext {
  readonly url: string;
  readonly protocol: Protocol;
  /** `model` of a chat request. */
  readonly modelName: string;
  /** Token that the server was started with; null for a server that was running already. */
  readonly instance: string | null;
  /** Null when no registered suite has the server's task. */
  readonly input: SampleInput | null;
  /** Under the server's BAKEOFF_OUTPUTS; null when that is not known. */
  readonly outputsDir: string | null;
  readonly readyMs: number;
  readonly generationMs: number;
  /** Bounded by `limitMs`, 10 s unless told; an answer past it is `aborted`. */
  readonly send: (request: Omit<HttpRequest, 'maxBytes'>, limitMs?: number) => Promise<HttpResult>;
  /** Exit code after SIGTERM or /shutdown; null for a server that is not ours to end. */
  readonly exited: Promise<number | null> | null;
  /** Sends SIGTERM and tells the exit code; null like `exited`. */
  readonly terminate: (() => Promise<number | null>) | null;
}

export function passed(seen: string): Finding {
  return { outcome: 'passed', seen };
}

export function failed(seen: string, remedy: string): Finding {
  return { outcome: 'failed', seen, remedy };
}

export function skipped(seen: string): Finding {
  return { outcome: 'skipped', seen };
}

/** An exchange in a few words. */
export function wordsOf(result: HttpResult): string {
  if (result.kind === 'aborted') return 'no answer in time';
  if (result.kind === 'lost') return `${result.reached ? 'the connection was lost' : 'no connection'} (${result.message})`;
  if (result.kind !== 'answer') return result.kind;
  const text = result.body.subarray(0, 100).toString('utf8').replaceAll(/\s+/g, ' ');
  return `${result.status} ${JSON.stringify(text)}`;
}

/** The body as JSON, or undefined. */
export function jsonOf(result: HttpResult): unknown {
  if (result.kind !== 'answer') return undefined;
  try {
    return JSON.parse(result.body.toString('utf8'));
  } catch {
    return undefined;
  }
}
