/**
 * What every metric of texts has in common for `bakeoff score text`: a row leaves a few numbers behind, their sums make the value of the
 * corpus. The metrics themselves are listed in text-metrics.ts.
 */
import type { JsonTree } from './json-tree.ts';

/** What a row may hold: texts, or structured answers as trees. */
export type TextRow =
  | { readonly kind: 'text'; readonly prediction: string; readonly references: readonly string[] }
  | { readonly kind: 'tree'; readonly prediction: JsonTree; readonly references: readonly JsonTree[] };

/** Names of the parts of a row that `--rows` prints beside its value. */
export type RowFields = readonly string[];

export interface TextMetric {
  readonly name: string;
  readonly variant: string;
  /** Raised whenever a formula changes. */
  readonly version: string;
  readonly reads: 'texts' | 'values';
  /** What is done to a text before it is compared, in words. */
  readonly normalisation: string;
  /** How rows become the value, in words, and who defined it. */
  readonly formula: string;
  readonly source: string;
  readonly direction: 'higher' | 'lower';
  /** Two lines that name all settings: of the value, and of the values of rows where these differ. Null where the variant says it all. */
  readonly signatures: (references: number | 'var') => { readonly value: string; readonly rows: string } | null;
  /** How many numbers a row leaves behind. */
  readonly parts: number;
  readonly rowFields: RowFields;
  /** Writes the parts of a row. */
  readonly measure: (row: TextRow, parts: Float64Array) => void;
  /** How many sums make the value. */
  readonly width: number;
  /** Adds the sums of a row from its parts. */
  readonly expand: (parts: Float64Array, sums: Float64Array, offset: number) => void;
  /** The value from sums over rows; NaN where there is none. */
  readonly value: (sums: Float64Array, offset: number) => number;
  /** The value of one row from its sums; NaN where there is none. */
  readonly rowValue: (sums: Float64Array, offset: number) => number;
  /** Every row is 0 or 1. */
  readonly binary: boolean;
  /** Why the value is missing where it is NaN. */
  readonly undefinedReason: string;
}
