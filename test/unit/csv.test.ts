/** The CSV reader: what RFC 4180 allows comes through whatever the pieces are, and the rest is refused by line. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { csvReader } from '../../lib/core/csv.ts';
import { cellNumber, csvTable } from '../../lib/core/csv-table.ts';

interface ReadRecord {
  readonly fields: readonly string[];
  readonly line: number;
}

function readAll(pieces: readonly string[]): ReadRecord[] {
  const records: ReadRecord[] = [];
  const reader = csvReader((fields, line) => records.push({ fields, line }));
  for (const piece of pieces) reader.write(piece);
  reader.end();
  return records;
}

function cut(text: string, sizes: readonly number[]): string[] {
  const pieces: string[] = [];
  let rest = text;
  for (const size of sizes) {
    pieces.push(rest.slice(0, size));
    rest = rest.slice(size);
  }
  return [...pieces, rest];
}

const quoted = (field: string): string => `"${field.replaceAll('"', '""')}"`;
const field = fc.oneof(
  fc.string({ unit: fc.constantFrom('a', 'é', '"', ',', '\n', '\r', ' ', '𝄞', '\uFEFF'), maxLength: 6 }),
  fc.string({ maxLength: 4 }),
);
const table = fc.array(fc.array(field, { minLength: 1, maxLength: 4 }), { minLength: 1, maxLength: 6 });
const sizes = fc.array(fc.integer({ min: 0, max: 5 }), { maxLength: 60 });

describe('the CSV reader', () => {
  it('gives back what was written, quoted or not, with either line end, however it is cut', () => {
    const property = fc.property(table, sizes, fc.boolean(), fc.boolean(), fc.boolean(), (rows, pieces, isCrlf, hasLast, quotesAll) => {
      const needsQuotes = (text: string, isAlone: boolean) => quotesAll || /[",\r\n\uFEFF]/.test(text) || (isAlone && text === '');
      const lines = rows.map((row) => row.map((text) => (needsQuotes(text, row.length === 1) ? quoted(text) : text)).join(','));
      const end = isCrlf ? '\r\n' : '\n';
      const text = lines.join(end) + (hasLast ? end : '');
      expect(readAll(cut(text, pieces)).map(({ fields }) => fields)).toEqual(rows);
    });
    fc.assert(property, { numRuns: 2000 });
  });

  it('gives the same records or the same refusal for any text, whole or in pieces', () => {
    const outcome = (pieces: readonly string[]): unknown => {
      try {
        return readAll(pieces);
      } catch (thrown) {
        return String(thrown);
      }
    };
    const text = fc.string({ unit: fc.constantFrom('a', '"', ',', '\n', '\r', '1'), maxLength: 25 });
    const property = fc.property(text, sizes, (whole, pieces) => {
      expect(outcome(cut(whole, pieces))).toEqual(outcome([whole]));
    });
    fc.assert(property, { numRuns: 5000 });
  });

  it('counts lines within quotes, passes empty lines over, and drops a byte order mark', () => {
    expect(readAll(['\uFEFFa,b\n', '\n"x\ny",2\r\n3,4'])).toEqual([
      { fields: ['a', 'b'], line: 1 },
      { fields: ['x\ny', '2'], line: 3 },
      { fields: ['3', '4'], line: 5 },
    ]);
  });

  it.each([
    ['a,b\n1,"2', 'line 2: a quote is not closed'],
    ['a,b\n1,"2"x', 'line 2: text stands behind a closing quote'],
    ['a,b\n1,2"x"', 'line 2: a quote stands within a field'],
    ['a,b\n1,2\r3,4', 'line 2: a carriage return stands without a line feed'],
  ])('refuses %j by line', (text, message) => {
    expect(() => readAll([text])).toThrow(message);
  });

  it('refuses a record without an end', () => {
    expect(() => readAll([`a\n"${'x'.repeat(1_100_000)}`])).toThrow('line 2: a record is longer');
  });
});

describe('a CSV table', () => {
  const tableOf = (text: string): string[][] => {
    const rows: string[][] = [];
    const reader = csvTable(() => ({ header: (names) => rows.push([...names]), row: (fields) => rows.push([...fields]) }));
    reader.write(text);
    reader.end();
    return rows;
  };

  it.each([
    ['', 'the file holds no rows'],
    ['a,b,a\n', 'line 1, column "a": the name stands twice in the header'],
    ['a,,b\n', 'line 1: column 2 has no name'],
    ['a,b\n1,2\n1\n1,2,3\n', 'line 3: 1 field, expected 2; line 4: 3 fields, expected 2'],
  ])('refuses %j', (text, message) => {
    expect(() => tableOf(text)).toThrow(message);
  });

  it('tells the first bad rows and counts the rest', () => {
    expect(() => tableOf(`a,b\n${'1\n'.repeat(1000)}`)).toThrow(/line 6: 1 field, expected 2; and 995 more$/);
  });
});

describe('the number of a cell', () => {
  it('is what JavaScript reads, to the last bit', () => {
    const written = fc.oneof(
      fc.double({ noNaN: true, noDefaultInfinity: true }).map(String),
      fc.tuple(fc.bigInt({ min: -(10n ** 18n), max: 10n ** 18n }), fc.nat(18)).map(([whole, digits]) => `${whole}.${'7'.repeat(digits)}`),
      fc.integer({ min: -100_000, max: 100_000 }).map((value) => (value / 1000).toFixed(3)),
    );
    fc.assert(
      fc.property(written, (text) => {
        expect(cellNumber(text)).toBe(Number(text));
        expect(cellNumber(` ${text} `)).toBe(Number(text));
      }),
      { numRuns: 5000 },
    );
  });

  it.each(['.', '-', '+', '1e', '0x10', '1_000', '1,5', 'NaN', 'Infinity', '1e999', '--1', '1.2.3', '١'])('is not %j', (text) => {
    expect(cellNumber(text)).toMatch(/is no finite decimal number$/);
  });

  it.each([
    ['', null],
    ['  ', null],
    ['.5', 0.5],
    ['5.', 5],
    ['+1e-3', 0.001],
    ['-0', -0],
  ])('of %j is %j', (text, value) => {
    expect(cellNumber(text)).toBe(value);
  });
});
