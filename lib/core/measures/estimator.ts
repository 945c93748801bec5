/**
 * What all measures have in common: each is a smooth function of sums over samples. So one bootstrap, one jackknife and one
 * paired comparison serve means, corpus ratios, RMSE, R², F1 and composites alike. Measures of ranks (rank-estimator.ts) are the
 * exception: they weigh samples.
 */
import { type RankEstimator, weighed } from './rank-estimator.ts';

export interface Estimator {
  /** How many sums a sample adds to. */
  readonly width: number;
  /** Whether the sample at this slot has a value. */
  readonly has: (slot: number) => boolean;
  /** Adds the sample's part to sums[offset .. offset + width). */
  readonly add: (slot: number, sums: Float64Array, offset: number) => void;
  /** The measure from its sums; NaN where it is undefined (an empty denominator). */
  readonly value: (sums: Float64Array, offset: number) => number;
  /** True when every value is exactly 0 or 1: then Wilson's interval is available. */
  readonly binary: boolean;
  /** Many sums, of which a sample adds to a few: resamples add samples up, in place of whole columns. */
  readonly sparse?: true;
  /** Why no resampling of the items tells how uncertain the measure is; absent where one does. */
  readonly noInterval?: string;
}

/** All that an interval can be made for. */
export type Measure = Estimator | RankEstimator;

/** Samples of a selection of items: slot = item * repeats + repeat. `items` in the order that bootstraps resample. */
export interface Selection {
  readonly items: Uint32Array;
  readonly repeats: number;
}

/** The mean of values by slot, NaN where there is none. */
export function meanEstimator(values: Float64Array, binary: boolean): Estimator {
  return {
    width: 2,
    has: (slot) => !Number.isNaN(values[slot] ?? Number.NaN),
    add: (slot, sums, offset) => {
      sums[offset] = (sums[offset] ?? 0) + (values[slot] ?? 0);
      sums[offset + 1] = (sums[offset + 1] ?? 0) + 1;
    },
    value: (sums, offset) => (sums[offset] ?? 0) / (sums[offset + 1] ?? 0),
    binary,
  };
}

/** The mean logarithm of positive values; those that are not finite (failed, not measured) stay out. */
export function logMeanEstimator(values: Float64Array, floor: number): Estimator {
  return {
    width: 2,
    has: (slot) => Number.isFinite(values[slot]),
    add: (slot, sums, offset) => {
      sums[offset] = (sums[offset] ?? 0) + Math.log(Math.max(values[slot] ?? 0, floor));
      sums[offset + 1] = (sums[offset + 1] ?? 0) + 1;
    },
    value: (sums, offset) => (sums[offset] ?? 0) / (sums[offset + 1] ?? 0),
    binary: false,
  };
}

/** Total numerator over total denominator, by slot, NaN where there is none: WER and CER. */
export function ratioEstimator(numerators: Float32Array, denominators: Float32Array): Estimator {
  return {
    width: 2,
    has: (slot) => !Number.isNaN(numerators[slot] ?? Number.NaN),
    add: (slot, sums, offset) => {
      sums[offset] = (sums[offset] ?? 0) + (numerators[slot] ?? 0);
      sums[offset + 1] = (sums[offset + 1] ?? 0) + (denominators[slot] ?? 0);
    },
    value: (sums, offset) => {
      const denominator = sums[offset + 1] ?? 0;
      return denominator > 0 ? (sums[offset] ?? 0) / denominator : Number.NaN;
    },
    binary: false,
  };
}

function differenceOfSums(a: Estimator, b: Estimator): Estimator {
  const noInterval = a.noInterval ?? b.noInterval;
  return {
    width: a.width + b.width,
    has: (slot) => a.has(slot) && b.has(slot),
    add: (slot, sums, offset) => {
      a.add(slot, sums, offset);
      b.add(slot, sums, offset + a.width);
    },
    value: (sums, offset) => difference(a.value(sums, offset), b.value(sums, offset + a.width)),
    binary: false,
    ...(a.sparse || b.sparse ? { sparse: true } : {}),
    ...(noInterval === undefined ? {} : { noInterval }),
  };
}

/** Equal measures whose sums were rounded differently must not look separable. */
function difference(x: number, y: number): number {
  return Math.abs(x - y) <= 1e-13 * (Math.abs(x) + Math.abs(y)) ? 0 : x - y;
}

/** a - b over the samples that both have. */
export function differenceEstimator(a: Measure, b: Measure): Measure {
  if (!('prepare' in a) && !('prepare' in b)) return differenceOfSums(a, b);
  const [ofA, ofB] = ['prepare' in a ? a : weighed(a), 'prepare' in b ? b : weighed(b)];
  return {
    has: (slot) => a.has(slot) && b.has(slot),
    passes: ofA.passes + ofB.passes,
    prepare: (slots) => {
      const [valueA, valueB] = [ofA.prepare(slots), ofB.prepare(slots)];
      return (weights) => difference(valueA(weights), valueB(weights));
    },
    binary: false,
  };
}
