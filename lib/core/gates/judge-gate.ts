/**
 * Whether a number keeps its gate. Pure: readings of the run and of its baseline come in, an outcome with its reason goes out. What cannot
 * be judged never passes: a missing number fails, and a number over a part of the samples may fail but not pass.
 */
import { countNoun } from '../count-noun.ts';
import type { MetricInfo } from '../manifest.ts';
import type { Comparison } from '../scores.ts';
import type { BoundGate, RegressionGate } from './gate-rule.ts';
import type { Outcome } from './gate-verdict.ts';

/** A job's number in a metric. */
export type MetricReading =
  | {
      readonly kind: 'value';
      readonly value: number;
      readonly unit: string;
      readonly direction: MetricInfo['direction'];
      readonly range: MetricInfo['range'];
      /** Samples planned that never came to an end. */
      readonly missingSamples: number;
      /** Samples that failed: what they would have been worth is not in the value. */
      readonly failedSamples: number;
      /** Samples that were answered and have no value in this metric: nothing in them that the scorer can read, or an evaluator that failed. */
      readonly unmeasuredSamples: number;
      /** A mean with its failed samples at the worst end of the metric's range; absent where none failed, or where there is no such value. */
      readonly worstValue?: number;
    }
  | { readonly kind: 'absent'; readonly reason: string }
  /** The job was never scored, and its run is not whole: no number to judge. */
  | { readonly kind: 'unscored'; readonly reason: string };

/** What a run is judged against. */
export interface BaselineReading {
  readonly reading: MetricReading;
  /** Why the two numbers cannot be compared, such as another load; null when they can. */
  readonly obstacle: string | null;
  /** Run (a) minus baseline (b), paired by sample; null where the gate asks for none. */
  readonly comparison: Comparison | null;
}

type Value = Extract<MetricReading, { kind: 'value' }>;

/** The same rows summed up in another order differ by less, relatively. */
const ROUNDING = 1e-12;

const failed = (reason: string): Outcome => ({ kind: 'failed', reason });

export function judgeBound({ min, max }: Pick<BoundGate, 'min' | 'max'>, reading: MetricReading): Outcome {
  if (reading.kind !== 'value') return withoutValue(reading);
  const idle = idleBound(min, max, reading);
  if (idle !== null) return failed(idle);
  if (min !== null && reading.value < min) return failed(`below ${min}`);
  if (max !== null && reading.value > max) return failed(`above ${max}`);
  const doubt = doubtOf(min, max, reading);
  return doubt === null ? passedBy(reading, 'within its bounds') : { kind: 'unjudged', reason: doubt };
}

/** A bound that only holds because samples failed was not shown to hold. */
function doubtOf(min: number | null, max: number | null, { worstValue, failedSamples }: Value): string | null {
  if (worstValue === undefined || ((min === null || worstValue >= min) && (max === null || worstValue <= max))) return null;
  return `it would pass without the ${countNoun(failedSamples, 'sample')} that failed; with them at their worst it is ${rounded(worstValue)}`;
}

/** A bound that no value of the metric could break is a mistake, such as percent in place of a fraction. */
function idleBound(min: number | null, max: number | null, { range: [low, high] }: Value): string | null {
  const minIsIdle = min === null || (low !== null && min <= low);
  const maxIsIdle = max === null || (high !== null && max >= high);
  return minIsIdle && maxIsIdle ? `no value could fail it: the metric lies in ${low ?? '−∞'} to ${high ?? '∞'}` : null;
}

/** Null baseline: none was found, and `noBaseline` says why. */
export function judgeRegression(
  { allowed }: Pick<RegressionGate, 'allowed'>,
  reading: MetricReading,
  baseline: BaselineReading | null,
  noBaseline = 'no baseline',
): Outcome {
  if (reading.kind !== 'value') return withoutValue(reading);
  if (reading.direction === 'none') return failed('a diagnostic without direction: nothing is worse or better');
  if (baseline === null) return failed(noBaseline);
  if (baseline.obstacle !== null) return failed(baseline.obstacle);
  if (allowed.kind === 'significant') return judgeSignificance(reading, baseline.comparison);
  if (baseline.reading.kind !== 'value') return failed(`the baseline has no value: ${baseline.reading.reason}`);
  const { value: before, unit, direction } = baseline.reading;
  if (unit !== reading.unit || direction !== reading.direction)
    return failed(`the baseline defines it differently: ${unit}, ${direction} is better`);
  const worseBy = reading.direction === 'higher' ? before - reading.value : reading.value - before;
  if (worseBy <= ROUNDING * Math.abs(before)) return passedBy(reading, 'no worse than the baseline');
  if (allowed.kind === 'relative' && before === 0) return failed('the baseline is 0, of which there is no share: allow an absolute number');
  const limit = allowed.kind === 'absolute' ? allowed.amount : allowed.share * Math.abs(before);
  const by = before === 0 ? `${rounded(worseBy)}` : `${rounded(worseBy)} (${rounded((worseBy / Math.abs(before)) * 100)} %)`;
  return worseBy <= limit ? passedBy(reading, `worse by ${by}`) : failed(`worse by ${by}`);
}

/**
 * Fails where the interval of the difference lies on the worse side. Missing samples do not excuse: they could turn a verdict of
 * superiority, but what was measured is worse. Without an interval only equality passes.
 */
function judgeSignificance(reading: Value, comparison: Comparison | null): Outcome {
  if (comparison === null) return failed('the two runs cannot be compared by this metric');
  const { difference, interval, verdict, reason } = comparison;
  if (difference === null || verdict === 'not comparable') return failed(reason ?? 'no samples in common with a value');
  if (difference === 0) return passedBy(reading, 'no difference on the common samples');
  if (verdict === 'b') return failed('significantly worse than the baseline');
  if (interval === null) {
    return verdict === 'a'
      ? passedBy(reading, 'significantly better than the baseline')
      : failed(reason ?? 'the difference has no interval');
  }
  const isWorse = reading.direction === 'higher' ? interval.high < 0 : interval.low > 0;
  if (isWorse) return failed('significantly worse than the baseline on the common samples');
  return passedBy(reading, 'not significantly worse than the baseline');
}

function withoutValue({ kind, reason }: Exclude<MetricReading, Value>): Outcome {
  return kind === 'unscored' ? { kind: 'unjudged', reason } : failed(reason);
}

function passedBy({ missingSamples, failedSamples, unmeasuredSamples }: Value, reason: string): Outcome {
  const failed = failedSamples === 0 ? '' : `; ${countNoun(failedSamples, 'sample')} failed`;
  const unmeasured = unmeasuredSamples === 0 ? '' : `; ${countNoun(unmeasuredSamples, 'answer')} without a value`;
  const failures = `${failed}${unmeasured}`;
  if (missingSamples === 0) return { kind: 'passed', reason: `${reason}${failures}` };
  return { kind: 'unjudged', reason: `${missingSamples} samples never came to an end: it would pass on the others${failures}` };
}

function rounded(value: number): number {
  return Number(value.toPrecision(3));
}

/** 1 when a gate failed, 3 when none did and one could not be judged, 0 when all passed. */
export function exitCodeOf(outcomes: readonly Outcome[]): 0 | 1 | 3 {
  if (outcomes.some(({ kind }) => kind === 'failed')) return 1;
  return outcomes.some(({ kind }) => kind === 'unjudged') ? 3 : 0;
}
