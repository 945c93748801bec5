/** What bench/load-generators.ts asks of a load generator: ours and others alike. */

export interface LoadOrder {
  readonly url: string;
  readonly concurrency: number;
  readonly requests: number;
  readonly streams: boolean;
  /** What the server is to take for each answer, milliseconds. */
  readonly answerMs: number;
}

/** One request as the generator itself reports it. */
export interface Reported {
  /** As the server recorded it. */
  readonly key: string;
  readonly latencyMs: number;
  /** From sending to the first piece; null where the answer was not streamed. */
  readonly firstPieceMs: number | null;
}

export interface Generator {
  readonly name: string;
  /** Throws when a request failed, or with what the program said when it did. */
  readonly run: (order: LoadOrder) => Promise<readonly Reported[]>;
}
