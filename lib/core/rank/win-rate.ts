/**
 * HELM's mean win rate: how large a part of the other models a model beats, averaged over the columns of a table. Pure arithmetic on whole
 * columns; win-rate-table.ts reads them.
 */
import type { ColumnSorter } from './ascending-order.ts';

export interface ScoreColumn {
  readonly name: string;
  readonly lowerIsBetter: boolean;
  /** Writes one value a model, NaN where there is none, and is called once: columns need not stand side by side. */
  readonly copyTo: (values: Float64Array) => void;
}

export interface WinRates {
  readonly columns: readonly { readonly name: string; readonly lowerIsBetter: boolean; readonly n: number }[];
  readonly skipped: readonly { readonly name: string; readonly reason: string }[];
  /** Mean over the columns in which the model has a value; NaN where it has none. */
  readonly rates: Float64Array;
  /** In how many columns each model has a rate. */
  readonly counts: Uint32Array;
}

/**
 * Per column: (values beaten + ties / 2) / (values - 1). Columns with fewer than two values are skipped and named. Source:
 * stanford-crfm/helm, compute_aggregate_row_win_rates.
 */
export function meanWinRates(columns: readonly ScoreColumn[], models: number, ascendingOrder: ColumnSorter): WinRates {
  const sums = new Float64Array(models);
  const counts = new Uint32Array(models);
  const values = new Float64Array(models);
  const used: WinRates['columns'][number][] = [];
  const skipped: WinRates['skipped'][number][] = [];
  for (const { name, lowerIsBetter, copyTo } of columns) {
    copyTo(values);
    const order = ascendingOrder(values);
    const n = order.length;
    if (n < 2) {
      skipped.push({ name, reason: `fewer than 2 values (${n})` });
      continue;
    }
    used.push({ name, lowerIsBetter, n });
    addWinRates(values, order, lowerIsBetter, sums, counts);
  }
  for (let model = 0; model < models; model++) {
    const count = counts[model] ?? 0;
    sums[model] = count === 0 ? Number.NaN : (sums[model] ?? 0) / count;
  }
  return { columns: used, skipped, rates: sums, counts };
}

/** Adds each model's win rate in one column: `order` sorts it, so that equal values stand side by side. */
export function addWinRates(
  values: Float64Array,
  order: Uint32Array,
  lowerIsBetter: boolean,
  sums: Float64Array,
  counts: Uint32Array,
): void {
  const n = order.length;
  const valueAt = (place: number): number => values[order[place] ?? 0] ?? Number.NaN;
  let start = 0;
  while (start < n) {
    let end = start + 1;
    while (end < n && valueAt(end) === valueAt(start)) end++;
    const beaten = lowerIsBetter ? n - end : start;
    const rate = (beaten + (end - start - 1) / 2) / (n - 1);
    for (let place = start; place < end; place++) {
      const model = order[place] ?? 0;
      sums[model] = (sums[model] ?? 0) + rate;
      counts[model] = (counts[model] ?? 0) + 1;
    }
    start = end;
  }
}
