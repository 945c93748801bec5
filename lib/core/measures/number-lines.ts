/**
 * Reads one number a line from text that comes in pieces, ten million of them in seconds: plain decimals of up to 15 digits are read by hand
 * (such a number is exact, and one division by a power of ten up to 1e22 rounds correctly), all others by the language.
 */
import { clipped } from '../csv-table.ts';
import { BakeoffError } from '../errors.ts';

export interface NumberLines {
  readonly write: (piece: string) => void;
  /** Throws `bad-rows` with the lines that hold no number, and `table-empty`. */
  readonly end: () => Float64Array;
}

const MAX_TOLD = 20;
const CHUNK = 1 << 16;
const MAX_LINE = 1000;
const MAX_EXACT_DIGITS = 15;
const POWERS = Float64Array.from({ length: 23 }, (_, power) => Number(`1e${power}`));
const NUMBER = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,4})?$/;
const INFINITE = /^\+?inf(inity)?$/i;

/** A plain decimal between two places of a text, of any length; NaN for anything that needs more care. */
function plainDecimal(text: string, start: number, end: number): number {
  let at = start;
  const isNegative = text.charCodeAt(at) === 45;
  if (isNegative) at++;
  let [whole, digits, fraction, seenPoint] = [0, 0, 0, false];
  for (; at < end; at++) {
    const code = text.charCodeAt(at);
    if (code >= 48 && code <= 57) {
      whole = whole * 10 + (code - 48);
      digits++;
      if (seenPoint) fraction++;
    } else if (code === 46 && !seenPoint) seenPoint = true;
    else return Number.NaN;
  }
  if (digits === 0) return Number.NaN;
  if (digits > MAX_EXACT_DIGITS) return Number(text.slice(start, end));
  const value = fraction === 0 ? whole : whole / (POWERS[fraction] ?? Number.NaN);
  return isNegative ? -value : value;
}

/** A decimal number, or `inf` for a failed sample; NaN for anything else. */
function carefulNumber(text: string): number {
  const trimmed = text.trim();
  if (INFINITE.test(trimmed)) return Number.POSITIVE_INFINITY;
  return NUMBER.test(trimmed) ? Number(trimmed) : Number.NaN;
}

export function numberLines(): NumberLines {
  const chunks: Float64Array[] = [];
  const told: string[] = [];
  let [rest, count, line, faults] = ['', 0, 0, 0];
  let open = new Float64Array(CHUNK);
  const keep = (value: number): void => {
    const at = count % CHUNK;
    if (at === 0) {
      open = new Float64Array(CHUNK);
      chunks.push(open);
    }
    open[at] = value;
    count++;
  };
  const fault = (text: string): void => {
    faults++;
    if (told.length < MAX_TOLD) told.push(`line ${line}: ${clipped(text)} is no finite decimal number`);
  };
  const take = (text: string, start: number, end: number): void => {
    line++;
    let value = plainDecimal(text, start, end);
    if (Number.isNaN(value)) value = carefulNumber(text.slice(start, end));
    const isInfinite = !Number.isFinite(value) && !INFINITE.test(text.slice(start, end).trim());
    if (Number.isNaN(value) || isInfinite) fault(text.slice(start, Math.min(end, start + 80)));
    else keep(value);
  };
  return {
    write: (piece) => {
      const text = rest + piece;
      let start = 0;
      for (let end = text.indexOf('\n'); end !== -1; end = text.indexOf('\n', start)) {
        take(text, start, end);
        start = end + 1;
      }
      rest = text.slice(start);
      if (rest.length <= MAX_LINE) return;
      faults++;
      told.push(`line ${line + 1}: longer than ${MAX_LINE} characters`);
      throw badLines(told, faults);
    },
    end: () => {
      if (rest !== '') take(rest, 0, rest.length);
      if (faults > 0) throw badLines(told, faults);
      if (count === 0) throw noNumbers();
      return joined(chunks, count);
    },
  };
}

/** Chunks are let go one by one, so that the copy never doubles the memory. */
function joined(chunks: Float64Array[], count: number): Float64Array {
  const values = new Float64Array(count);
  for (let at = 0; at < count; at += CHUNK) values.set(chunks.shift()?.subarray(0, Math.min(CHUNK, count - at)) ?? [], at);
  return values;
}

function badLines(told: readonly string[], faults: number): BakeoffError {
  return new BakeoffError({
    code: 'bad-rows',
    message: `${told.join('; ')}${faults > told.length ? `; and ${faults - told.length} more` : ''}`,
    remedy: 'Correct the lines named; nothing was computed. A line holds one decimal number, or inf for a failed sample.',
  });
}

function noNumbers(): BakeoffError {
  return new BakeoffError({ code: 'table-empty', message: 'the file holds no numbers', remedy: 'Give a file with one number a line.' });
}
