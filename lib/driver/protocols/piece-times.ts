/** Collects when the pieces of one streamed answer came. Called by chat-stream.ts and native-stream.ts; knows no protocol and no row. */
import { MAX_GAPS } from '../../core/sample.ts';
import type { AnswerStream } from './model-protocol.ts';

interface PieceTimes {
  /** A piece came at `at`, as `performance.now()` reads; never earlier than the one before. */
  readonly add: (at: number) => void;
  /**
   * Null without a piece. `toldTokens`: what the server counted in the whole answer; one that it did not count, or counted as none although pieces
   * came, has its pieces counted.
   */
  readonly read: (toldTokens: number | undefined) => AnswerStream | null;
}

/** Counts every piece, and keeps the first 16,384 gaps between them. */
export function pieceTimes(): PieceTimes {
  const gapsMs: number[] = [];
  let pieces = 0;
  let firstPieceAt = 0;
  let lastPieceAt = 0;
  return {
    add: (at) => {
      if (pieces === 0) firstPieceAt = at;
      else if (gapsMs.length < MAX_GAPS) gapsMs.push(at - lastPieceAt);
      lastPieceAt = at;
      pieces += 1;
    },
    read: (toldTokens) => {
      if (pieces === 0) return null;
      const told = toldTokens !== undefined && toldTokens > 0;
      return { firstPieceAt, lastPieceAt, pieces, gapsMs, tokens: told ? toldTokens : pieces, tokensFrom: told ? 'server' : 'pieces' };
    },
  };
}
