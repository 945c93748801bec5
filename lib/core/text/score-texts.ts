/**
 * Scores anybody's rows `{id, prediction, references}` by one text metric while they stream by: a few bytes a row are kept, and the interval
 * comes from resampling rows (docs/measures.md). Called by `bakeoff score text` and the benchmarks.
 */
import { clipped, detached } from '../csv-table.ts';
import { BakeoffError } from '../errors.ts';
import { lineReader } from '../line-reader.ts';
import { estimate } from '../measures/estimate.ts';
import type { Estimator } from '../measures/estimator.ts';
import type { Interval } from '../scores.ts';
import { parseRow } from './jsonl-row.ts';
import { createPartColumns, type PartColumns } from './part-columns.ts';
import { createSeenIds } from './seen-ids.ts';
import type { TextMetric, TextRow } from './text-metric.ts';

export const TEXT_CONFIDENCE = 0.95;
/** Bad lines that an error tells in full; the rest is counted. */
const MAX_TOLD = 20;
/** Rows are resampled in the order of their ids; with more of them the interval is a normal approximation, which no order can change. */
const MAX_ORDERED_ROWS = 20_000;

export interface TextScore {
  readonly metric: string;
  readonly variant: string;
  /** Null with a reason. */
  readonly value: number | null;
  readonly reason: string | null;
  readonly n: number;
  readonly ci: Interval | null;
  readonly ciReason: string | null;
  readonly direction: 'higher' | 'lower';
  readonly version: string;
  readonly normalisation: string;
  readonly formula: string;
  readonly source: string;
  /** All settings in one line, as sacrebleu writes them; of BLEU's rows, which use the effective order, another one. */
  readonly signature: string | null;
  readonly rowSignature: string | null;
}

export interface ScoredRow {
  readonly id: string;
  readonly value: number | null;
  readonly [field: string]: string | number | null;
}

export interface TextScoring {
  /** Takes the text of the file piece by piece. */
  readonly write: (piece: string) => void;
  /** Throws `bad-rows` with what is wrong, and `table-empty`. */
  readonly end: () => { readonly score: TextScore; readonly rows: Iterable<ScoredRow> };
}

interface Ids {
  /** Of all rows, or none where they are too many and not asked for. */
  readonly kept: string[];
  references: number | 'var' | null;
}

/** `keepRows`: values of rows are wanted, so all ids stay in memory. */
export function scoreTexts(metric: TextMetric, { keepRows }: { readonly keepRows: boolean }): TextScoring {
  const columns = createPartColumns(metric.parts);
  const parts = new Float64Array(metric.parts);
  const seen = createSeenIds();
  const ids: Ids = { kept: [], references: null };
  const problems = createProblems();
  const takeRow = (id: string, row: TextRow): void => {
    metric.measure(row, parts);
    columns.push(parts);
    const references = row.references.length;
    ids.references = ids.references === null || ids.references === references ? references : 'var';
    if (keepRows || columns.length() <= MAX_ORDERED_ROWS) ids.kept.push(detached(id));
    else ids.kept.length = 0;
  };
  const takeLine = (text: string, line: number): void => {
    if (text.trim() === '') return;
    const parsed = parseRow(text, metric);
    if ('problem' in parsed) problems.add(line, parsed.problem);
    else if (!seen.add(parsed.id)) problems.add(line, `the id ${clipped(parsed.id)} stands on an earlier line, too`);
    else if (problems.count() === 0) takeRow(parsed.id, parsed.row);
  };
  const reader = lineReader(takeLine);
  return {
    write: reader.write,
    end: () => {
      reader.end();
      problems.refuse();
      if (columns.length() === 0) throw noRows();
      return { score: scoreOf(metric, columns, ids), rows: rowsOf(metric, columns, ids.kept) };
    },
  };
}

function createProblems() {
  const told: string[] = [];
  let count = 0;
  return {
    count: () => count,
    add: (line: number, what: string): void => {
      count++;
      if (told.length < MAX_TOLD) told.push(`line ${line}: ${what}`);
    },
    refuse: (): void => {
      if (count === 0) return;
      throw new BakeoffError({
        code: 'bad-rows',
        message: `${told.join('; ')}${count > told.length ? `; and ${count - told.length} more` : ''}`,
        remedy: 'Correct the lines named; nothing was computed. A line holds one object {"id": …, "prediction": …, "references": […]}.',
      });
    },
  };
}

function noRows(): BakeoffError {
  return new BakeoffError({
    code: 'table-empty',
    message: 'the file holds no rows; expected lines {"id": …, "prediction": …, "references": […]}',
    remedy: 'Give a file with rows.',
  });
}

function estimatorOf(metric: TextMetric, columns: PartColumns, binary: boolean): Estimator {
  const parts = new Float64Array(metric.parts);
  return {
    width: metric.width,
    has: () => true,
    add: (row, sums, offset) => {
      columns.read(row, parts);
      metric.expand(parts, sums, offset);
    },
    value: metric.value,
    binary,
  };
}

function orderOf(rows: number, ids: readonly string[]): Uint32Array {
  const order = Uint32Array.from({ length: rows }, (_, row) => row);
  const idOf = (row: number): string => ids[row] ?? '';
  return rows > MAX_ORDERED_ROWS ? order : order.sort((a, b) => (idOf(a) < idOf(b) ? -1 : idOf(a) > idOf(b) ? 1 : 0));
}

function scoreOf(metric: TextMetric, columns: PartColumns, { kept, references }: Ids): TextScore {
  const { name, variant, direction, version, normalisation, formula, source } = metric;
  const n = columns.length();
  const estimator = estimatorOf(metric, columns, metric.binary);
  const selection = { items: orderOf(n, kept), repeats: 1 };
  const { value, interval, intervalReason } = estimate(estimator, selection, { confidence: TEXT_CONFIDENCE, label: `text.${name}` });
  const signatures = metric.signatures(references ?? 'var');
  return {
    ...{
      metric: name,
      variant,
      value,
      reason: value === null ? metric.undefinedReason : null,
      n,
      ci: interval,
      ciReason: intervalReason?.replaceAll('items', 'rows') ?? null,
    },
    ...{ direction, version, normalisation, formula, source },
    signature: signatures?.value ?? null,
    rowSignature: signatures === null || signatures.rows === signatures.value ? null : signatures.rows,
  };
}

function* rowsOf(metric: TextMetric, columns: PartColumns, ids: readonly string[]): Generator<ScoredRow> {
  const parts = new Float64Array(metric.parts);
  const sums = new Float64Array(metric.width);
  for (const [row, id] of ids.entries()) {
    columns.read(row, parts);
    sums.fill(0);
    metric.expand(parts, sums, 0);
    const value = metric.rowValue(sums, 0);
    const fields = metric.rowFields.map((field, index) => [field, parts[index] ?? 0]);
    yield { id, value: Number.isNaN(value) ? null : value, ...Object.fromEntries(fields) };
  }
}
