/** The streams of a job's answers as columns, gaps as an order in bounded memory. Used by load-rows.ts. */
import type { StreamColumns } from '../core/columns.ts';
import { createGapOrder } from '../core/latency/gap-order.ts';
import type { SampleRow, SampleStream, SucceededRow } from '../core/sample.ts';

export interface StreamRows {
  /** `fromMs`: where its time to the first piece starts; `leftOut`: the answer counts in no latency statistic, its tokens do. */
  readonly note: (row: SampleRow, fromMs: number, leftOut: boolean) => void;
  readonly columns: () => StreamColumns;
}

export function createStreamRows(slots: number): StreamRows {
  const ttftMs = new Float64Array(slots).fill(Number.NaN);
  const answerTokensPerSecond = new Float64Array(slots).fill(Number.NaN);
  const gaps = createGapOrder();
  const answersFrom = { server: 0, pieces: 0, unknown: 0 };
  const counts = { tokens: 0, pieces: 0, notStreamed: 0 };
  const noteTokens = (row: SucceededRow): void => {
    const { tokens, pieces, source } = tokensOf(row);
    counts.tokens += tokens;
    counts.pieces += pieces;
    answersFrom[source]++;
    if (row.stream == null) counts.notStreamed++;
  };
  const noteTimes = (row: SucceededRow, fromMs: number): void => {
    const stream = row.stream ?? null;
    // An answer in one piece shows its first text when it is there as a whole.
    ttftMs[row.ordinal] = Math.max(0, (stream?.firstPieceMs ?? row.timings.doneMs) - fromMs);
    if (stream === null) return;
    answerTokensPerSecond[row.ordinal] = rateOf(stream);
    for (const gapMs of stream.gapsMs) gaps.add(gapMs);
    gaps.leaveOut(Math.max(0, stream.pieces - 1 - stream.gapsMs.length));
  };
  return {
    note: (row, fromMs, leftOut) => {
      if (row.state === 'failed') {
        ttftMs[row.ordinal] = Number.POSITIVE_INFINITY;
        return;
      }
      noteTokens(row);
      if (!leftOut) noteTimes(row, fromMs);
    },
    columns: () => ({ ttftMs, answerTokensPerSecond, gaps: gaps.summary(), answersFrom, ...counts }),
  };
}

/** An answer that was not streamed is one piece; its tokens are what the server says, else unknown: a whole is no token. */
function tokensOf({ stream, usage }: SucceededRow): { tokens: number; pieces: number; source: keyof StreamColumns['answersFrom'] } {
  if (stream != null) return { tokens: stream.tokens, pieces: stream.pieces, source: stream.tokensFrom };
  const told = usage?.completionTokens ?? 0;
  return told > 0 ? { tokens: told, pieces: 1, source: 'server' } : { tokens: 0, pieces: 1, source: 'unknown' };
}

/** Tokens after the first piece, which is taken for an even share of all, by the time that they took; NaN where no time passed. */
function rateOf({ tokens, pieces, firstPieceMs, lastPieceMs }: SampleStream): number {
  return lastPieceMs > firstPieceMs ? ((tokens - tokens / pieces) * 1000) / (lastPieceMs - firstPieceMs) : Number.NaN;
}
