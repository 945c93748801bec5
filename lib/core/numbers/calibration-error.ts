/**
 * Expected calibration error of confidences (Naeini et al., AAAI 2015; Guo et al., ICML 2017): the mean distance between confidence and
 * accuracy over bins of equal width, weighed by their counts. Its value depends on the number of bins, so that is part of its name.
 */

export const CALIBRATION_ERROR_VERSION = '1.0.0';
export const DEFAULT_BINS = 15;

export interface CalibrationBin {
  /** The bin holds confidences above `low` and up to `high`; the first one holds 0 as well. */
  readonly low: number;
  readonly high: number;
  readonly count: number;
  /** Null for an empty bin. */
  readonly confidence: number | null;
  readonly accuracy: number | null;
}

export interface Calibration {
  /** `ece-equal-width-15` */
  readonly definition: string;
  /** From 0 to 1; null without answers. */
  readonly value: number | null;
  /** The largest distance of a bin (MCE). */
  readonly worst: number | null;
  readonly bins: readonly CalibrationBin[];
}

/** `confidences` in [0, 1], `right`: 1 where the answer was right, else 0; of equal lengths. */
export function calibrationError(confidences: ArrayLike<number>, right: ArrayLike<number>, bins = DEFAULT_BINS): Calibration {
  const counts = new Float64Array(bins);
  const confidence = new Float64Array(bins);
  const hits = new Float64Array(bins);
  for (let index = 0; index < confidences.length; index++) {
    const given = confidences[index] ?? 0;
    const bin = binOf(given, bins);
    counts[bin] = (counts[bin] ?? 0) + 1;
    confidence[bin] = (confidence[bin] ?? 0) + given;
    hits[bin] = (hits[bin] ?? 0) + (right[index] ?? 0);
  }
  const n = confidences.length;
  let [sum, worst] = [0, 0];
  const table = Array.from(counts, (count, bin): CalibrationBin => {
    const edges = { low: bin / bins, high: (bin + 1) / bins, count };
    if (count === 0) return { ...edges, confidence: null, accuracy: null };
    const [mean, accuracy] = [(confidence[bin] ?? 0) / count, (hits[bin] ?? 0) / count];
    const distance = Math.abs(accuracy - mean);
    sum += (count / n) * distance;
    worst = Math.max(worst, distance);
    return { ...edges, confidence: mean, accuracy };
  });
  return { definition: `ece-equal-width-${bins}`, value: n === 0 ? null : sum, worst: n === 0 ? null : worst, bins: table };
}

/** Edges are the doubles bin / bins: a confidence of exactly an edge belongs below it. */
export function binOf(confidence: number, bins: number): number {
  let bin = Math.min(bins - 1, Math.max(0, Math.ceil(confidence * bins) - 1));
  while (bin > 0 && confidence <= bin / bins) bin--;
  while (bin < bins - 1 && confidence > (bin + 1) / bins) bin++;
  return bin;
}
