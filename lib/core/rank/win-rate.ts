/**
 * HELM's mean win rate: how large a part of the other models a model beats, averaged over the columns of a table. Pure arithmetic on whole
 * columns; win-rate-table.ts reads them.
 */

export interface ScoreColumn {
  readonly name: string;
  readonly lowerIsBetter: boolean;
  /** One value a model; NaN where there is none. */
  readonly values: Float64Array;
}

export interface WinRates {
  readonly columns: readonly { readonly name: string; readonly lowerIsBetter: boolean; readonly n: number }[];
  readonly skipped: readonly { readonly name: string; readonly reason: string }[];
  /** Mean over the columns in which the model has a value; null where it has none. */
  readonly rates: readonly (number | null)[];
  /** In how many columns each model has a rate. */
  readonly counts: readonly number[];
}

/**
 * Per column: (values beaten + ties / 2) / (values - 1). Columns with fewer than two values are skipped and named. Source:
 * stanford-crfm/helm, compute_aggregate_row_win_rates.
 */
export function meanWinRates(columns: readonly ScoreColumn[], models: number): WinRates {
  const sums = new Float64Array(models);
  const counts = new Uint32Array(models);
  const used: WinRates['columns'][number][] = [];
  const skipped: WinRates['skipped'][number][] = [];
  for (const { name, lowerIsBetter, values } of columns) {
    const n = values.reduce((sum, value) => (Number.isNaN(value) ? sum : sum + 1), 0);
    if (n < 2) {
      skipped.push({ name, reason: `fewer than 2 values (${n})` });
      continue;
    }
    used.push({ name, lowerIsBetter, n });
    addColumn(values, n, lowerIsBetter, sums, counts);
  }
  const rates = Array.from(sums, (sum, model) => (counts[model] ? sum / (counts[model] ?? 1) : null));
  return { columns: used, skipped, rates, counts: Array.from(counts) };
}

/** Adds each model's win rate in one column: ranks by sorting, so that a million models are no million comparisons each. */
function addColumn(values: Float64Array, n: number, lowerIsBetter: boolean, sums: Float64Array, counts: Uint32Array): void {
  const sorted = values.slice().sort().subarray(0, n); // NaN sorts last
  for (let model = 0; model < values.length; model++) {
    const value = values[model] ?? Number.NaN;
    if (Number.isNaN(value)) continue;
    const below = firstNotBelow(sorted, value);
    const notAbove = firstAbove(sorted, value);
    const beaten = lowerIsBetter ? n - notAbove : below;
    const ties = notAbove - below - 1;
    sums[model] = (sums[model] ?? 0) + (beaten + ties / 2) / (n - 1);
    counts[model] = (counts[model] ?? 0) + 1;
  }
}

function firstNotBelow(sorted: Float64Array, value: number): number {
  return search(sorted, (other) => other >= value);
}

function firstAbove(sorted: Float64Array, value: number): number {
  return search(sorted, (other) => other > value);
}

/** The first place where `holds`, which never turns false again; the length where it holds nowhere. */
function search(sorted: Float64Array, holds: (value: number) => boolean): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (holds(sorted[middle] ?? Number.POSITIVE_INFINITY)) high = middle;
    else low = middle + 1;
  }
  return low;
}
