/**
 * Scores a CSV file of raw dimensions, a model a row, while it is read. Called by `bakeoff score profile`; what a file may hold is decided
 * here, how a profile is computed in profile.ts.
 */
import { cellNumber, clipped, csvTable, detached, emptyTable, type Fault, type TableRows, unknownColumn } from '../csv-table.ts';
import { dimensionsOf, type Profile, type ProfileScore, scoreProfile } from './profile.ts';

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

export interface ProfileTable {
  readonly write: (text: string) => void;
  /** Results in the order of the file. Throws `bad-rows`, `csv-syntax` or `table-empty`. */
  readonly end: () => { readonly rows: readonly ProfileRow[]; readonly warnings: readonly string[] };
}

interface Place {
  readonly dimension: string;
  readonly column: string;
  readonly index: number;
}

/** Takes the file in pieces of text. */
export function profileTable(options: ProfileTableOptions): ProfileTable {
  const rows: ProfileRow[] = [];
  const highest = { value: 0 };
  const reader = csvTable((fault) => rowsOf(options, fault, rows, highest));
  const end = () => {
    reader.end();
    if (rows.length === 0) throw emptyTable('a row for each model');
    return { rows, warnings: warningsOf(options.scale, highest.value) };
  };
  return { write: reader.write, end };
}

function rowsOf(options: ProfileTableOptions, fault: Fault, rows: ProfileRow[], highest: { value: number }): TableRows {
  const { profile, scale } = options;
  const full = SCALES[scale];
  const seen = new Set<string>();
  let modelAt = -1;
  let places: readonly Place[] = [];
  const values = new Map<string, number | null>();
  const rawOf = (dimension: string): number | null => values.get(dimension) ?? null;

  const row: TableRows['row'] = (fields, line) => {
    const model = detached((fields[modelAt] ?? '').trim());
    if (model === '') fault(line, 'model', 'the name is empty');
    else if (seen.has(model)) fault(line, 'model', `${clipped(model)} has a row already`);
    seen.add(model);
    for (const { dimension, column, index } of places) {
      const value = valueIn(fields[index] ?? '', scale);
      if (typeof value === 'string') fault(line, column, value);
      else values.set(dimension, value === null ? null : value / full);
      if (typeof value === 'number' && value > highest.value) highest.value = value;
    }
    rows.push(rowOf(model, scoreProfile(profile, rawOf), full));
  };
  const header: TableRows['header'] = (names) => {
    modelAt = names.indexOf('model');
    if (modelAt === -1) fault(1, null, 'there is no column "model"');
    places = placesOf(names, options, fault);
  };
  return { header, row };
}

/** Names are compared without case; blanks, hyphens and underscores are one. */
const plain = (name: string): string => name.toLowerCase().replace(/[\s_-]+/g, '_');

function placesOf(names: readonly string[], { profile, ignore }: ProfileTableOptions, fault: Fault): Place[] {
  const dimensions = dimensionsOf(profile);
  for (const name of ignore) if (!names.includes(name)) fault(1, null, unknownColumn(name, names));
  const places: Place[] = [];
  for (const [index, column] of names.entries()) {
    if (column === 'model' || ignore.includes(column)) continue;
    const dimension = dimensions.find((candidate) => plain(candidate) === plain(column));
    if (dimension === undefined) fault(1, null, unknownColumn(column, dimensions));
    else if (places.some((place) => place.dimension === dimension)) fault(1, column, `${dimension} has a column already`);
    else places.push({ dimension, column, index });
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

function rowOf(model: string, score: ProfileScore, full: number): ProfileRow {
  const scaled = (value: number | null): number | null => (value === null ? null : value * full);
  const groups = Object.fromEntries(Object.entries(score.groups).map(([name, value]) => [name, scaled(value)]));
  return { model, ...groups, total: scaled(score.total), ...(score.total === null ? { reason: score.reason } : {}) };
}

function warningsOf(scale: Scale, highest: number): string[] {
  if (scale === 'fraction' || highest > 1) return [];
  return ['no value is above 1 percent: if the file holds fractions, give --scale fraction'];
}
