/** Reads a CSV file of one column a score and a model a row, and ranks the models by mean win rate. Called by `bakeoff rank`. */
import { cellNumber, clipped, csvTable, detached, emptyTable, type Fault, type TableRows, unknownColumn } from '../csv-table.ts';
import { type ColumnSorter, columnSorter } from './ascending-order.ts';
import { type GrowingNumbers, growingNumbers } from '../growing-numbers.ts';
import { placesOf } from './places.ts';
import { meanWinRates, type WinRates } from './win-rate.ts';

export interface WinRateOptions {
  /** Columns in which lower is better. */
  readonly lower: readonly string[];
  /** Columns that are no scores. */
  readonly ignore: readonly string[];
}

export interface WinRateRow {
  readonly model: string;
  readonly rank: number | null;
  readonly winRate: number | null;
  /** Columns behind the mean. */
  readonly columns: number;
  /** Why there is no win rate. */
  readonly reason: string | null;
}

export interface WinRateRanking extends Pick<WinRates, 'columns' | 'skipped'> {
  readonly method: 'win-rate';
  readonly version: '1';
  readonly formula: string;
  readonly count: number;
  /** Best first, from 0; made when it is asked for, so that a million models are no million objects. */
  readonly row: (place: number) => WinRateRow;
}

export interface WinRateTable {
  readonly write: (text: string) => void;
  /** Throws `bad-rows`, `csv-syntax` or `table-empty`. */
  readonly end: () => WinRateRanking;
}

interface ReadColumn {
  readonly name: string;
  readonly index: number;
  readonly numbers: GrowingNumbers;
}

/** Rates that differ by less differ by the rounding of sums. */
const SAME_RATE = 1e-12;
const FORMULA = 'mean over columns of (values beaten + ties / 2) / (values in the column - 1)';

/** Takes the file in pieces of text. */
export function winRateTable(options: WinRateOptions): WinRateTable {
  const models = new Set<string>();
  const columns: ReadColumn[] = [];
  const reader = csvTable((fault) => rowsOf(options, fault, models, columns));
  const end = (): WinRateRanking => {
    reader.end();
    if (models.size === 0) throw emptyTable('a row for each model');
    const scores = columns.map(({ name, numbers }) => ({
      name,
      lowerIsBetter: options.lower.includes(name),
      copyTo: numbers.moveTo,
    }));
    const sorter = columnSorter(models.size);
    return rankingOf([...models], meanWinRates(scores, models.size, sorter), sorter);
  };
  return { write: reader.write, end };
}

function rowsOf(options: WinRateOptions, fault: Fault, models: Set<string>, columns: ReadColumn[]): TableRows {
  let modelAt = -1;
  const header: TableRows['header'] = (names) => {
    modelAt = names.indexOf('model');
    if (modelAt === -1) fault(1, null, 'there is no column "model"');
    for (const name of [...options.lower, ...options.ignore]) {
      if (name === 'model' || !names.includes(name)) fault(1, null, unknownColumn(name, names));
    }
    for (const name of options.lower) if (options.ignore.includes(name)) fault(1, name, 'it is named under both --lower and --ignore');
    for (const [index, name] of names.entries()) {
      if (name !== 'model' && !options.ignore.includes(name)) columns.push({ name, index, numbers: growingNumbers() });
    }
    if (columns.length === 0) fault(1, null, 'there is no column of scores');
  };
  const row: TableRows['row'] = (fields, line) => {
    const model = detached((fields[modelAt] ?? '').trim());
    if (model === '') fault(line, 'model', 'the name is empty');
    else if (models.has(model)) fault(line, 'model', `${clipped(model)} has a row already`);
    models.add(model);
    for (const { name, index, numbers } of columns) {
      const value = cellNumber(fields[index] ?? '');
      if (typeof value === 'string') fault(line, name, value);
      else numbers.push(value ?? Number.NaN);
    }
  };
  return { header, row };
}

function rankingOf(models: readonly string[], { columns, skipped, rates, counts }: WinRates, sorter: ColumnSorter): WinRateRanking {
  const { order, ranks } = placesOf(rates, SAME_RATE, sorter);
  const row = (place: number): WinRateRow => {
    const index = order[place] ?? 0;
    const model = { model: models[index] ?? '', columns: counts[index] ?? 0 };
    const rate = rates[index] ?? Number.NaN;
    if (Number.isNaN(rate)) return { ...model, rank: null, winRate: null, reason: 'no value in a column with at least 2' };
    return { ...model, rank: ranks[index] ?? 0, winRate: rate, reason: null };
  };
  return { method: 'win-rate', version: '1', formula: FORMULA, columns, skipped, count: models.length, row };
}
