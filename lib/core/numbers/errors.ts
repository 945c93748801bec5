/**
 * MAE, RMSE and R² as estimators over predictions and references by slot. A sample takes part when both are numbers.
 */
import type { Estimator } from '../measures/estimator.ts';

export interface NumberColumns {
  /** NaN where the answer failed or was no number. */
  readonly predictions: Float64Array;
  /** NaN where the item has no truth. */
  readonly references: Float64Array;
}

function bothOf(columns: NumberColumns): (slot: number) => boolean {
  const { predictions, references } = columns;
  return (slot) => !Number.isNaN((predictions[slot] ?? Number.NaN) + (references[slot] ?? Number.NaN));
}

function errorAt(columns: NumberColumns, slot: number): number {
  return (columns.predictions[slot] ?? 0) - (columns.references[slot] ?? 0);
}

function errorEstimator(columns: NumberColumns, lossOf: (error: number) => number, finish: (mean: number) => number): Estimator {
  return {
    width: 2,
    has: bothOf(columns),
    add: (slot, sums, offset) => {
      sums[offset] = (sums[offset] ?? 0) + lossOf(errorAt(columns, slot));
      sums[offset + 1] = (sums[offset + 1] ?? 0) + 1;
    },
    value: (sums, offset) => finish((sums[offset] ?? 0) / (sums[offset + 1] ?? 0)),
    binary: false,
  };
}

/** Mean absolute error. */
export function maeEstimator(columns: NumberColumns): Estimator {
  return errorEstimator(columns, Math.abs, (mean) => mean);
}

/** Root of the mean squared error. */
export function rmseEstimator(columns: NumberColumns): Estimator {
  return errorEstimator(columns, (error) => error * error, Math.sqrt);
}

/** Any fixed number near the references keeps the variance sum exact; the first one does. */
function originOf(references: Float64Array): number {
  for (const value of references) if (!Number.isNaN(value)) return value;
  return 0;
}

/**
 * Coefficient of determination: 1 - sum of squared errors / sum of squared distances of the references from their mean, over
 * the samples that take part. NaN where these references do not vary.
 */
export function r2Estimator(columns: NumberColumns): Estimator {
  const origin = originOf(columns.references);
  return {
    width: 4,
    has: bothOf(columns),
    add: (slot, sums, offset) => {
      const error = errorAt(columns, slot);
      const reference = (columns.references[slot] ?? 0) - origin;
      sums[offset] = (sums[offset] ?? 0) + error * error;
      sums[offset + 1] = (sums[offset + 1] ?? 0) + reference;
      sums[offset + 2] = (sums[offset + 2] ?? 0) + reference * reference;
      sums[offset + 3] = (sums[offset + 3] ?? 0) + 1;
    },
    value: (sums, offset) => {
      const sum = sums[offset + 1] ?? 0;
      const squares = sums[offset + 2] ?? 0;
      const spread = squares - (sum * sum) / (sums[offset + 3] ?? 0);
      return spread > squares * 1e-12 ? 1 - (sums[offset] ?? 0) / spread : Number.NaN;
    },
    binary: false,
  };
}
