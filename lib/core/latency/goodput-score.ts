/** Goodput: the samples that met every objective of the spec, as a share and per second. Called by score-latency.ts. */
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
 * Over the samples that have a latency: failed ones met nothing, what was left out (ramp; retried in closed loop) is not counted. The share's
 * interval is that of any other share: items with all their repeats are the unit.
 * There is no share where samples are missing that may have been the slowest; the rate is of what was answered all the same.
 */
export function scoreGoodput(slo: Slo, columns: JobColumns, { suite, load, confidence, unfinished }: GoodputContext): GoodputScore {
  const absent = { slo, met: 0, n: 0, share: null, shareInterval: null, perSecond: null };
  const reason = obstacle(slo, columns, load);
  if (reason !== null) return { ...absent, shareIntervalReason: reason, reason };
  const met = metOf(slo, columns);
  const share = estimate(meanEstimator(met, true), { items: suite.order, repeats: suite.repeats }, { confidence, label: 'goodput' });
  if (share.value === null) return { ...absent, shareIntervalReason: 'no sample was measured', reason: 'no sample was measured' };
  const good = met.reduce((sum, value) => (value === 1 ? sum + 1 : sum), 0);
  const rate = perSecond(good, activeTimeMs(columns));
  const counts = { slo, met: good, n: share.samples, perSecond: rate };
  if (unfinished !== null) return { ...counts, share: null, shareInterval: null, shareIntervalReason: unfinished, reason: unfinished };
  return {
    ...counts,
    share: share.value,
    shareInterval: share.interval,
    shareIntervalReason: share.intervalReason,
    reason: rate === null ? 'no time passed between answers' : null,
  };
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
