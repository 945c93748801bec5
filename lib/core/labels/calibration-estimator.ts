/**
 * The calibration error (lib/core/numbers/calibration-error.ts) as an estimator: of each bin the sum of right answers less confidences, since
 * Σ share x |accuracy - mean confidence| = Σ |right - confidence, summed up| / n.
 */
import type { Estimator } from '../measures/estimator.ts';
import { binOf, DEFAULT_BINS } from '../numbers/calibration-error.ts';
import { type LabelColumns, NO_LABEL } from './label-columns.ts';

/**
 * Distances of bins are never negative, so chance adds to them: at 100 answers a model that is calibrated perfectly shows about 0.12. A resample
 * adds the same once more, and an interval of resamples does not hold the true value (test/unit/label-measures.test.ts has the figures).
 */
export const NO_INTERVAL = 'chance raises the error of every bin, and resampling raises it once more';

/** `confidences`: by slot, in [0, 1]; NaN where an answer told none. */
export function calibrationEstimator({ truths, answers }: LabelColumns, confidences: Float64Array): Estimator {
  return {
    width: DEFAULT_BINS + 1,
    has: (slot) => !Number.isNaN(confidences[slot] ?? Number.NaN) && (truths[slot] ?? NO_LABEL) !== NO_LABEL,
    add: (slot, sums, offset) => {
      const confidence = confidences[slot] ?? 0;
      const at = offset + binOf(confidence, DEFAULT_BINS);
      sums[at] = (sums[at] ?? 0) + (answers[slot] === truths[slot] ? 1 : 0) - confidence;
      sums[offset + DEFAULT_BINS] = (sums[offset + DEFAULT_BINS] ?? 0) + 1;
    },
    value: (sums, offset) => {
      let distance = 0;
      for (let bin = 0; bin < DEFAULT_BINS; bin++) distance += Math.abs(sums[offset + bin] ?? 0);
      return distance / (sums[offset + DEFAULT_BINS] ?? 0);
    },
    binary: false,
    noInterval: NO_INTERVAL,
  };
}
