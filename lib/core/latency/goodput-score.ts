/** Goodput: the samples that met every objective of the spec, as a share and per second. Called by score-latency.ts. */
import { countNoun } from '../count-noun.ts';
import type { JobColumns, SuiteColumns } from '../columns.ts';
import type { Load, Slo } from '../job.ts';
import { estimate } from '../measures/estimate.ts';
import { meanEstimator } from '../measures/estimator.ts';
import type { GoodputScore } from '../scores.ts';
import { activeTimeMs, perSecond } from './throughput.ts';

interface GoodputContext {
  readonly suite: SuiteColumns;
  readonly load: Load;
  readonly confidence: number;
  /** Why samples are missing from the latencies (unfinished.ts); null where none are. */
  readonly unfinished: string | null;
}

/**
 * Over the samples that have a latency: failed ones met nothing, those of the ramp are not counted. The share's
 * interval is that of any other share: items with all their repeats are the unit.
 * There is neither share nor rate where samples are missing that may have been the slowest. An answer that took another try in closed loop has
 * no latency of its own: it counts as one that did not meet them, and the share, a lower bound then, has no interval.
 */
export function scoreGoodput(slo: Slo, columns: JobColumns, { suite, load, confidence, unfinished }: GoodputContext): GoodputScore {
  const absent = { slo, met: 0, n: 0, share: null, shareInterval: null, perSecond: null };
  const reason = obstacle(slo, columns, load);
  if (reason !== null) return { ...absent, shareIntervalReason: reason, reason };
  const met = metOf(slo, columns);
  const share = estimate(meanEstimator(met, true), { items: suite.order, repeats: suite.repeats }, { confidence, label: 'goodput' });
  if (share.value === null) return { ...absent, shareIntervalReason: 'no sample was measured', reason: 'no sample was measured' };
  const good = met.reduce((sum, value) => (value === 1 ? sum + 1 : sum), 0);
  const rate = unfinished === null ? perSecond(good, activeTimeMs(columns)) : null;
  const counts = { slo, met: good, n: share.samples + columns.leftOutRetried, perSecond: rate };
  if (unfinished !== null) return { ...counts, share: null, shareInterval: null, shareIntervalReason: unfinished, reason: unfinished };
  const retried = retriedText(columns.leftOutRetried);
  if (retried !== null) return { ...counts, share: good / counts.n, shareInterval: null, shareIntervalReason: retried, reason: null };
  return {
    ...counts,
    share: share.value,
    shareInterval: share.interval,
    shareIntervalReason: share.intervalReason,
    reason: rate === null ? 'no time passed between answers' : null,
  };
}

/** Null where none were left out. */
function retriedText(count: number): string | null {
  return count === 0 ? null : `${countNoun(count, 'answer')} that took another try ${count === 1 ? 'counts' : 'count'} as not good enough`;
}

function obstacle({ ttftMs }: Slo, { load: measured }: JobColumns, load: Load): string | null {
  if (load.mode === 'offline') return 'offline load has no latencies: its samples wait for one another by design';
  return ttftMs !== undefined && measured?.stream == null ? 'the time to the first piece needs load.stream' : null;
}

/** 1 where a sample met every objective, 0 where it did not, NaN where it is not counted. */
function metOf({ latencyMs, ttftMs }: Slo, columns: JobColumns): Float64Array {
  const ttft = columns.load?.stream?.ttftMs;
  return columns.latencyMs.map((latency, slot) => {
    if (Number.isNaN(latency)) return Number.NaN;
    const isFast = latency <= (latencyMs ?? Number.MAX_VALUE);
    return isFast && (ttftMs === undefined || (ttft?.[slot] ?? Number.POSITIVE_INFINITY) <= ttftMs) ? 1 : 0;
  });
}
