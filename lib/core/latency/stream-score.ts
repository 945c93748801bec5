/** What a job's streams were like: time to the first piece, gaps between pieces, tokens a second. Called by score-latency.ts. */
import type { GapSummary } from './gap-order.ts';
import type { StreamColumns } from '../columns.ts';
import type { Load } from '../job.ts';
import { empiricalPercentile, LATENCY_PERCENTILES, minimumSamples } from '../measures/percentile.ts';
import type { Percentile, StreamScore } from '../scores.ts';
import { scorePercentiles, sortedValues } from './latency-order.ts';
import { perSecond } from './throughput.ts';

const GAPS_DEPEND = 'gaps of one answer depend on each other';

export interface StreamLimits {
  /** Why nothing may be certified, and why samples are missing; null where neither is so. */
  readonly uncertifiable: string | null;
  readonly unfinished: string | null;
  /** Answered samples without a latency of their own. */
  readonly unknown: number;
}

/** Offline load has no percentiles of its first pieces, as it has none of its latencies. */
export function scoreStream(
  stream: StreamColumns,
  load: Load,
  activeMs: number,
  { uncertifiable, unfinished, unknown }: StreamLimits,
): StreamScore {
  const ttft = load.mode === 'offline' ? new Float64Array(0) : sortedValues(stream.ttftMs);
  const { gaps } = stream;
  return {
    ttft: { n: ttft.length, percentiles: load.mode === 'offline' ? [] : scorePercentiles(ttft, uncertifiable, unknown) },
    gaps: { n: gaps.n, method: gaps.method, percentiles: gapPercentiles(gaps), maxMs: gaps.maxMs, leftOut: gaps.leftOut },
    tokensPerSecond: stream.answersFrom.unknown > 0 || unfinished !== null ? null : perSecond(stream.tokens, activeMs),
    answersUncounted: stream.answersFrom.unknown,
    tokensPerSecondOfAnswerMedian: empiricalPercentile(sortedValues(stream.answerTokensPerSecond), 5000),
    tokens: stream.tokens,
    pieces: stream.pieces,
    tokensFrom: sourceOf(stream),
    notStreamed: stream.notStreamed,
  };
}

function gapPercentiles({ percentiles }: GapSummary): Percentile[] {
  return LATENCY_PERCENTILES.map((p, at) => {
    const empirical = percentiles[at] ?? null;
    return {
      p: p / 10_000,
      empirical,
      empiricalReason: empirical === null ? 'no answer came in more than one piece' : null,
      certified: null,
      certifiedReason: GAPS_DEPEND,
      minN: minimumSamples(p),
    };
  });
}

function sourceOf({ answersFrom: { server, pieces } }: StreamColumns): StreamScore['tokensFrom'] {
  if (server > 0 && pieces > 0) return 'mixed';
  return server > 0 ? 'server' : 'pieces';
}
