/**
 * A strict, streaming reader of comma-separated values (RFC 4180): quotes, doubled quotes, CRLF or LF, a byte order mark at the start.
 * Whatever the format does not allow is refused by line. Called by csv-table.ts; it knows neither header nor numbers.
 */
import { BakeoffError } from './errors.ts';

/** Longest record, in UTF-16 units: a quote that is never closed must not fill the memory. */
const MAX_RECORD_LENGTH = 1_048_576;

export interface CsvReader {
  /** Takes the next piece of the text; pieces may end anywhere. */
  readonly write: (text: string) => void;
  /** Takes the record that no line end closed. */
  readonly end: () => void;
}

/**
 * Calls `onRecord` for every record, with the line (from 1) that it starts on. An empty line is no record. Throws `csv-syntax`.
 */
export function csvReader(onRecord: (fields: string[], line: number) => void): CsvReader {
  let rest = '';
  let line = 1;
  let isStart = true;
  /** Place of the next quote in the piece at hand: looked up once, not once a record. */
  let quote = -1;

  /** Reads the record that starts at `from`; returns where the next one starts, or -1 when the text ends first. */
  const readRecord = (text: string, from: number, isLast: boolean): number => {
    const feed = text.indexOf('\n', from);
    if (quote < from) quote = quoteFrom(text, from);
    const stop = feed === -1 ? text.length : feed;
    if (quote < stop) return readQuoted(text, from, isLast);
    if (feed === -1 && !isLast) return -1;
    const plain = text.slice(from, feed !== -1 && text[feed - 1] === '\r' && feed > from ? feed - 1 : stop);
    if (plain.includes('\r')) throw syntaxError(line, 'a carriage return stands without a line feed');
    if (plain !== '') onRecord(plain.split(','), line);
    line += 1;
    return stop + 1;
  };

  const readQuoted = (text: string, from: number, isLast: boolean): number => {
    const record = quotedRecord(text, from, isLast, line);
    if (record === null) return -1;
    onRecord(record.fields, line);
    line += 1 + record.innerLines;
    return record.next;
  };

  const read = (text: string, isLast: boolean): void => {
    let from = isStart && text.startsWith('\uFEFF') ? 1 : 0;
    if (text.length > 0) isStart = false;
    quote = quoteFrom(text, from);
    while (from < text.length) {
      const next = readRecord(text, from, isLast);
      if (next === -1) break;
      from = next;
    }
    rest = text.slice(from);
    if (rest.length > MAX_RECORD_LENGTH) throw syntaxError(line, `a record is longer than ${MAX_RECORD_LENGTH} characters`);
  };

  return {
    write: (text) => read(rest === '' ? text : rest + text, false),
    end: () => read(rest, true),
  };
}

function quoteFrom(text: string, from: number): number {
  const found = text.indexOf('"', from);
  return found === -1 ? Number.POSITIVE_INFINITY : found;
}

interface QuotedRecord {
  readonly fields: string[];
  readonly next: number;
  /** Line feeds within quotes. */
  readonly innerLines: number;
}

/** A record with at least one quote; null when the text ends before it does. */
function quotedRecord(text: string, from: number, isLast: boolean, line: number): QuotedRecord | null {
  const fields: string[] = [];
  let innerLines = 0;
  let at = from;
  while (true) {
    const field = text[at] === '"' ? quotedField(text, at, isLast, line) : plainField(text, at, isLast, line);
    if (field === null) return null;
    fields.push(field.value);
    if (text[at] === '"') innerLines += field.value.split('\n').length - 1;
    at = field.end;
    if (at >= text.length) return { fields, next: at, innerLines };
    if (text[at] !== ',') return { fields, next: at + (text[at] === '\r' ? 2 : 1), innerLines };
    at += 1;
  }
}

interface Field {
  readonly value: string;
  /** Where the comma or the line end stands. */
  readonly end: number;
}

function quotedField(text: string, from: number, isLast: boolean, line: number): Field | null {
  let at = from + 1;
  while (true) {
    const quote = text.indexOf('"', at);
    if (quote === -1) {
      if (isLast) throw syntaxError(line, 'a quote is not closed');
      return null;
    }
    const after = text[quote + 1];
    if (after === '"') {
      at = quote + 2;
      continue;
    }
    if (!isLast && (after === undefined || (after === '\r' && text[quote + 2] === undefined))) return null;
    const ends = after === undefined || after === ',' || after === '\n' || (after === '\r' && text[quote + 2] === '\n');
    if (!ends) throw syntaxError(line, 'text stands behind a closing quote');
    return { value: text.slice(from + 1, quote).replaceAll('""', '"'), end: quote + 1 };
  }
}

function plainField(text: string, from: number, isLast: boolean, line: number): Field | null {
  const found = /[",\r\n]/g;
  found.lastIndex = from;
  const match = found.exec(text);
  if (match === null) return isLast ? { value: text.slice(from), end: text.length } : null;
  if (match[0] === '"') throw syntaxError(line, 'a quote stands within a field that does not start with one');
  const end = match.index;
  if (match[0] === '\r' && text[end + 1] !== '\n') {
    if (text[end + 1] === undefined && !isLast) return null;
    throw syntaxError(line, 'a carriage return stands without a line feed');
  }
  return { value: text.slice(from, end), end };
}

function syntaxError(line: number, what: string): BakeoffError {
  return new BakeoffError({
    code: 'csv-syntax',
    message: `line ${line}: ${what}`,
    remedy:
      'Write comma-separated values as RFC 4180 has them: quote fields that hold commas, quotes or line ends, and double their quotes.',
  });
}
