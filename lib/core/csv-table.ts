/**
 * Rows of a CSV file under a header, for the verbs that take anybody's tables: names must be unique, rows as long as the header, numbers
 * decimal. Every bad row is told by line, the first ones in full. Called by profiles/ and rank/.
 */
import { countNoun } from './count-noun.ts';
import { csvReader, type CsvReader } from './csv.ts';
import { BakeoffError } from './errors.ts';
import { nearestName } from './nearest-name.ts';

/** Bad rows that an error tells in full; the rest is counted. */
const MAX_TOLD = 5;
const MAX_COLUMNS = 10_000;

export interface TableRows {
  /** Called once, before the first row. What it reports with `fault` is told, and no row is read. */
  readonly header: (names: readonly string[]) => void;
  readonly row: (fields: readonly string[], line: number) => void;
}

/** Takes what is wrong with a row (or, on line 1, with the header); the file is refused at its end. */
export type Fault = (line: number, column: string | null, what: string) => void;

/** A reader that calls `rows`; its `end` throws `bad-rows` with every fault, or `table-empty`. */
export function csvTable(rows: (fault: Fault) => TableRows): CsvReader {
  const told: string[] = [];
  let faults = 0;
  const fault: Fault = (line, column, what) => {
    faults += 1;
    if (told.length < MAX_TOLD) told.push(`line ${line}${column === null ? '' : `, column ${clipped(column)}`}: ${what}`);
  };
  const { header, row } = rows(fault);
  let width: number | null = null;
  const reader = csvReader((fields, line) => {
    if (width === null) {
      width = fields.length;
      const names = fields.map((name) => name.trim());
      checkNames(names, line, fault);
      if (faults === 0) header(names.map(detached));
      if (faults > 0) throw badRows(told, faults);
    } else if (fields.length !== width) fault(line, null, `${countNoun(fields.length, 'field')}, expected ${width}`);
    else row(fields, line);
  });
  const end = (): void => {
    reader.end();
    if (faults > 0) throw badRows(told, faults);
    if (width === null) throw emptyTable('a header and rows');
  };
  return { write: reader.write, end };
}

function checkNames(names: readonly string[], line: number, fault: Fault): void {
  if (names.length > MAX_COLUMNS) fault(line, null, `${names.length} columns; at most ${MAX_COLUMNS} are read`);
  const seen = new Set<string>();
  for (const [index, name] of names.entries()) {
    if (name === '') fault(line, null, `column ${index + 1} has no name`);
    else if (seen.has(name)) fault(line, name, 'the name stands twice in the header');
    seen.add(name);
  }
}

function badRows(told: readonly string[], faults: number): BakeoffError {
  const more = faults > told.length ? `; and ${faults - told.length} more` : '';
  return new BakeoffError({
    code: 'bad-rows',
    message: `${told.join('; ')}${more}`,
    remedy: 'Correct the lines named; nothing was computed.',
  });
}

/** A file without rows. */
export function emptyTable(expected: string): BakeoffError {
  return new BakeoffError({
    code: 'table-empty',
    message: `the file holds no rows; expected ${expected}`,
    remedy: 'Give a file with rows.',
  });
}

const NUMBER = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,4})?$/;

/** Digits that a double holds without rounding, with a power of ten that it holds as well: their quotient is rounded once. */
const EXACT_DIGITS = 15;
const POWERS_OF_TEN = Array.from({ length: EXACT_DIGITS + 1 }, (_, power) => 10 ** power);

/** The number of up to 15 digits with at most one point among them, the bulk of all cells; NaN for anything else. */
function plainDecimal(cell: string): number {
  const { length } = cell;
  const isNegative = cell.charCodeAt(0) === 45;
  let [digits, decimals, sum] = [0, -1, 0];
  for (let at = isNegative ? 1 : 0; at < length; at++) {
    const code = cell.charCodeAt(at);
    if (code === 46 && decimals === -1) decimals = digits;
    else if (code >= 48 && code <= 57) {
      sum = sum * 10 + code - 48;
      digits += 1;
    } else return Number.NaN;
  }
  if (digits === 0 || digits > EXACT_DIGITS) return Number.NaN;
  const value = decimals === -1 ? sum : sum / (POWERS_OF_TEN[digits - decimals] ?? 1);
  return isNegative ? -value : value;
}

/** A decimal number, null for an empty cell, or the reason why it is neither. */
export function cellNumber(cell: string): number | null | string {
  const plain = plainDecimal(cell);
  if (!Number.isNaN(plain)) return plain;
  const text = cell.trim();
  if (text === '') return null;
  const value = NUMBER.test(text) ? Number(text) : Number.NaN;
  return Number.isFinite(value) ? value : `${clipped(text)} is no finite decimal number`;
}

/** `unknown column …`, with the nearest of the names that it may have meant. */
export function unknownColumn(name: string, known: readonly string[]): string {
  const nearest = nearestName(name, known);
  return `unknown column ${clipped(name)}${nearest === null ? '' : `; did you mean ${JSON.stringify(nearest)}?`}`;
}

/** A copy that does not keep the piece of the file alive that the text was cut from. V8 cuts short texts by copying. */
export function detached(text: string): string {
  return text.length < 13 ? text : `\u0000${text}`.slice(1);
}

/** Outside text, quoted and at most 60 signs long. */
export function clipped(text: string): string {
  return JSON.stringify(text.length <= 60 ? text : `${text.slice(0, 59)}…`);
}
