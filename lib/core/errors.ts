/**
 * The one error type of Bakeoff. Everything that a user may see ends here: a stable code, what happened,
 * and what to do. Never branch on the message.
 */
export type ErrorKind = 'usage' | 'environment' | 'incomplete' | 'internal';

export interface BakeoffErrorOptions {
  /** Kebab-case and stable, e.g. `port-taken`. */
  readonly code: string;
  /** What happened, the value seen, the value expected. */
  readonly message: string;
  /** An imperative sentence. */
  readonly remedy: string;
  /** Decides the exit code of the CLI: usage 2, incomplete 3, environment 4, internal 1. */
  readonly kind?: ErrorKind;
  readonly cause?: unknown;
}

export class BakeoffError extends Error {
  readonly code: string;
  readonly remedy: string;
  readonly kind: ErrorKind;

  constructor(options: BakeoffErrorOptions) {
    super(options.message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'BakeoffError';
    this.code = options.code;
    this.remedy = options.remedy;
    this.kind = options.kind ?? 'usage';
  }
}

/** The text of any thrown value, for a cause line; never a stack. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}
