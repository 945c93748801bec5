/**
 * What every client of the AWS SDK is made with: how long an answer may take, and how often a request is sent. The SDK's own defaults wait
 * for ever, so that one connection that hangs would hold a GPU or a function's whole time. Composition roots alone use it.
 */

export interface ClientPatience {
  /** Tries of one request, the first included; between them the SDK waits, exponentially and with jitter, at most 20 s. */
  readonly maxAttempts: number;
  /** From the request, its body included, to the first byte of its answer. A longer one is a try that failed. */
  readonly answerMs: number;
  /** Without a byte in either direction: bodies of any size may take their time, as long as they come. */
  readonly silenceMs: number;
}

export interface ClientSettings {
  readonly maxAttempts: number;
  readonly retryMode: 'standard';
  readonly requestHandler: {
    readonly connectionTimeout: number;
    readonly requestTimeout: number;
    readonly throwOnRequestTimeout: true;
    readonly socketTimeout: number;
  };
}

const CONNECT_MS = 3_000;

export function clientSettings({ maxAttempts, answerMs, silenceMs }: ClientPatience): ClientSettings {
  return {
    maxAttempts,
    retryMode: 'standard',
    requestHandler: { connectionTimeout: CONNECT_MS, requestTimeout: answerMs, throwOnRequestTimeout: true, socketTimeout: silenceMs },
  };
}

/** Throttling and faults of a service pass, and a function has minutes: one that hangs is given up after three of them. */
export const FUNCTION_CLIENT = clientSettings({ maxAttempts: 6, answerMs: 20_000, silenceMs: 20_000 });

/** A driver holds a GPU: a fault of a service that passes within half a minute must not cost its attempt. Its requests are 16 MiB at most. */
export const DRIVER_CLIENT = clientSettings({ maxAttempts: 8, answerMs: 60_000, silenceMs: 30_000 });

/** Of a person who waits, over a line that may be slow: a file of a suite is one request. */
export const CLI_CLIENT = clientSettings({ maxAttempts: 5, answerMs: 900_000, silenceMs: 30_000 });
