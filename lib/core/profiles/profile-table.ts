/**
 * Scores a CSV file of raw dimensions, a model a row, while it is read. Called by `bakeoff score profile`; what a file may hold is decided
 * here, how a profile is computed in profile.ts.
 */
import { cellNumber, clipped, csvTable, detached, emptyTable, type Fault, type TableRows, unknownColumn } from '../csv-table.ts';
import { type GrowingNumbers, growingNumbers } from '../growing-numbers.ts';
import { dimensionsOf, type Profile, type ProfileScorer, plainDimension, profileScorer } from './profile.ts';

export const SCALES = { percent: 100, fraction: 1 } as const;
export type Scale = keyof typeof SCALES;

export interface ProfileTableOptions {
  readonly profile: Profile;
  /** Of the file's values, and of the results. */
  readonly scale: Scale;
  /** Columns that are no dimensions and are passed over. */
  readonly ignore: readonly string[];
}

/** `{model, <groups…>, total}`, and a reason where the total is null; in the scale of the file. */
export type ProfileRow = Readonly<Record<string, string | number | null>>;

export interface ProfileResult {
  readonly count: number;
  /** Made when it is asked for, so that a million rows are no million objects. */
  readonly row: (index: number) => ProfileRow;
  readonly warnings: readonly string[];
}

export interface ProfileTable {
  readonly write: (text: string) => void;
  /** Results in the order of the file. Throws `bad-rows`, `csv-syntax` or `table-empty`. */
  readonly end: () => ProfileResult;
}

interface Place {
  readonly dimension: string;
  readonly column: string;
  /** Of the column in the file. */
  readonly index: number;
  /** Of the dimension in the profile. */
  readonly slot: number;
}

/** What is kept of the rows: a name, the groups and the total of each, and what the rows without a total lack. */
interface Kept {
  readonly models: string[];
  readonly groups: readonly GrowingNumbers[];
  readonly totals: GrowingNumbers;
  readonly reasons: Map<number, string>;
  /** Group scores of the row at hand. */
  readonly scratch: Float64Array;
  highest: number;
}

/** Takes the file in pieces of text. */
export function profileTable(options: ProfileTableOptions): ProfileTable {
  const { profile, scale } = options;
  const groups = profile.hasSubtotals ? profile.groups.map(growingNumbers) : [];
  const kept: Kept = {
    models: [],
    groups,
    totals: growingNumbers(),
    reasons: new Map(),
    scratch: new Float64Array(profile.groups.length),
    highest: 0,
  };
  const reader = csvTable((fault) => rowsOf(options, fault, kept));
  const end = (): ProfileResult => {
    reader.end();
    if (kept.models.length === 0) throw emptyTable('a row for each model');
    return { count: kept.models.length, row: rowMaker(profile, kept), warnings: warningsOf(scale, kept.highest) };
  };
  return { write: reader.write, end };
}

function rowsOf(options: ProfileTableOptions, fault: Fault, kept: Kept): TableRows {
  const scorer = profileScorer(options.profile);
  const seen = new Set<string>();
  let modelAt = -1;
  let places: readonly Place[] = [];
  const raw = new Float64Array(scorer.dimensions.length).fill(Number.NaN);

  const row: TableRows['row'] = (fields, line) => {
    const model = detached((fields[modelAt] ?? '').trim());
    if (model === '') fault(line, 'model', 'the name is empty');
    else if (seen.has(model)) fault(line, 'model', `${clipped(model)} has a row already`);
    seen.add(model);
    for (const { column, index, slot } of places) {
      const value = valueIn(fields[index] ?? '', options.scale);
      if (typeof value === 'string') fault(line, column, value);
      else raw[slot] = value === null ? Number.NaN : value / SCALES[options.scale];
      if (typeof value === 'number' && value > kept.highest) kept.highest = value;
    }
    keep(model, raw, scorer, SCALES[options.scale], kept);
  };
  const header: TableRows['header'] = (names) => {
    modelAt = names.indexOf('model');
    if (modelAt === -1) fault(1, null, 'there is no column "model"');
    places = placesOf(names, options, fault);
  };
  return { header, row };
}

function keep(model: string, raw: Float64Array, { dimensions, score }: ProfileScorer, full: number, kept: Kept): void {
  const total = score(raw, kept.scratch);
  for (const [group, numbers] of kept.groups.entries()) numbers.push((kept.scratch[group] ?? Number.NaN) * full);
  if (Number.isNaN(total)) {
    const missing = dimensions.filter((_, slot) => Number.isNaN(raw[slot] ?? Number.NaN));
    kept.reasons.set(kept.models.length, `missing: ${missing.join(', ')}`);
  }
  kept.totals.push(total * full);
  kept.models.push(model);
}

function taken(numbers: GrowingNumbers): Float64Array {
  const all = new Float64Array(numbers.count());
  numbers.moveTo(all);
  return all;
}

function rowMaker(profile: Profile, { models, groups, totals, reasons }: Kept): ProfileResult['row'] {
  const columns = groups.map((numbers, group) => ({ name: profile.groups[group]?.name ?? '', values: taken(numbers) }));
  const allTotals = taken(totals);
  const shown = (values: Float64Array, index: number): number | null => {
    const value = values[index] ?? Number.NaN;
    return Number.isNaN(value) ? null : value;
  };
  return (index) => {
    const scores = Object.fromEntries(columns.map(({ name, values }) => [name, shown(values, index)]));
    const reason = reasons.get(index);
    const row = { model: models[index] ?? '', ...scores, total: shown(allTotals, index) };
    return reason === undefined ? row : { ...row, reason };
  };
}

function placesOf(names: readonly string[], { profile, ignore }: ProfileTableOptions, fault: Fault): Place[] {
  const dimensions = dimensionsOf(profile);
  for (const name of ignore) if (!names.includes(name)) fault(1, null, unknownColumn(name, names));
  const places: Place[] = [];
  for (const [index, column] of names.entries()) {
    if (column === 'model' || ignore.includes(column)) continue;
    const dimension = dimensions.find((candidate) => plainDimension(candidate) === plainDimension(column));
    if (dimension === undefined) fault(1, null, unknownColumn(column, dimensions));
    else if (places.some((place) => place.dimension === dimension)) fault(1, column, `${dimension} has a column already`);
    else places.push({ dimension, column, index, slot: dimensions.indexOf(dimension) });
  }
  return places;
}

function valueIn(cell: string, scale: Scale): number | null | string {
  const value = cellNumber(cell);
  if (typeof value !== 'number') return value;
  if (value >= 0 && value <= SCALES[scale]) return value;
  const other = scale === 'fraction' && value > 1 && value <= SCALES.percent ? ' (is the file in percent?)' : '';
  return `${value} is not within 0 to ${SCALES[scale]}${other}`;
}

function warningsOf(scale: Scale, highest: number): string[] {
  if (scale === 'fraction' || highest > 1) return [];
  return ['no value is above 1 percent: if the file holds fractions, give --scale fraction'];
}
