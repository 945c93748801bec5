/** What must hold of every text metric, whatever the texts: bounds, identity, order, one reference more, streams cut anywhere, memory of ids. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createPartColumns } from '../../lib/core/text/part-columns.ts';
import { createSeenIds } from '../../lib/core/text/seen-ids.ts';
import { parseRow } from '../../lib/core/text/jsonl-row.ts';
import { scoreTexts } from '../../lib/core/text/score-texts.ts';
import type { TextMetric, TextRow } from '../../lib/core/text/text-metric.ts';
import { textMetric } from '../../lib/core/text/text-metrics.ts';

const ALL: readonly (readonly [string, string])[] = [
  ...['jiwer', 'nfc'].flatMap((variant) => [['wer', variant] as const, ['cer', variant] as const]),
  ...['13a', 'none', 'char', '13a:none', '13a:floor', '13a:add-k'].map((variant) => ['bleu', variant] as const),
  ...['chrF2', 'chrF2+', 'chrF2++', 'chrF3:eps'].map((variant) => ['chrf', variant] as const),
  ...['rrc', 'paper_strict', 'lmms_eval', 'vlmevalkit_mmlongbench', 'anls_star'].map((variant) => ['anls', variant] as const),
  ...['nfc', 'raw', 'caseless'].map((variant) => ['exact', variant] as const),
  ['anls-star', 'anls_star'],
  ['field-accuracy', 'leaves'],
];
const MOST: Readonly<Record<string, number>> = { bleu: 100, chrf: 100, wer: Number.POSITIVE_INFINITY, cer: Number.POSITIVE_INFINITY };

const word = fc.oneof(
  fc.constantFrom('a', 'b', 'the', 'cat', 'e\u0301', '中', '😀', 'שלום', '3.5', '(x)', 'A', '\u0007'),
  fc.string({ unit: 'grapheme' }),
);
const text = fc.array(word, { maxLength: 12 }).map((words) => words.join(' '));

interface Given {
  readonly prediction: string;
  readonly references: readonly string[];
}
const given = fc.record({ prediction: text, references: fc.array(text, { minLength: 1, maxLength: 3 }) });

function rowOf(metric: TextMetric, { prediction, references }: Given): TextRow {
  const parsed = parseRow(JSON.stringify({ id: 'x', prediction, references }), metric);
  if ('problem' in parsed) throw new Error(parsed.problem);
  return parsed.row;
}

function rowValue(metric: TextMetric, row: Given): number {
  const [parts, sums] = [new Float64Array(metric.parts), new Float64Array(metric.width)];
  metric.measure(rowOf(metric, row), parts);
  metric.expand(parts, sums, 0);
  return metric.rowValue(sums, 0);
}

const isBetter = (metric: TextMetric, a: number, b: number): boolean => (metric.direction === 'higher' ? a >= b - 1e-12 : a <= b + 1e-12);

describe.each(ALL)('%s, variant %s', (name, variant) => {
  const metric = textMetric(name, variant);
  const most = MOST[name] ?? 1;

  it('lies within its bounds', () => {
    fc.assert(
      fc.property(given, (row) => {
        const value = rowValue(metric, row);
        if (Number.isNaN(value)) expect(['wer', 'cer']).toContain(name);
        else expect(value >= 0 && value <= most + 1e-9).toBe(true);
      }),
    );
  });

  it('gives the reference itself the best value', () => {
    fc.assert(
      fc.property(text, text, (truth, other) => {
        const same = rowValue(metric, { prediction: truth, references: [truth] });
        if (Number.isNaN(same)) return;
        // Of an empty text BLEU and chrF have no n-gram; smoothing by epsilon counts orders that a short text lacks.
        if (metric.direction === 'lower') expect(same).toBe(0);
        else if (name !== 'bleu' && name !== 'chrf') expect(same).toBe(1);
        else if (truth.trim().length > 8 && !variant.endsWith(':none')) expect(same).toBeGreaterThan(variant === 'chrF3:eps' ? 60 : 99.999);
        expect(isBetter(metric, same, rowValue(metric, { prediction: other, references: [truth] }))).toBe(true);
      }),
    );
  });

  it('is a function: the same row gives the same value, whatever came before', () => {
    fc.assert(
      fc.property(given, given, (row, between) => {
        const first = rowValue(metric, row);
        rowValue(metric, between);
        expect(rowValue(textMetric(name, variant), row)).toBe(first);
        expect(rowValue(metric, row)).toBe(first);
      }),
      { numRuns: 50 },
    );
  });

  it('does not suffer from a reference that the prediction equals', () => {
    if (name === 'bleu') return;
    fc.assert(
      fc.property(given, (row) => {
        const [before, after] = [rowValue(metric, row), rowValue(metric, { ...row, references: [...row.references, row.prediction] })];
        if (!Number.isNaN(before) && !Number.isNaN(after)) expect(isBetter(metric, after, before)).toBe(true);
      }),
    );
  });

  it('is the same from a stream cut anywhere, in any order of rows, as from sums in memory', () => {
    fc.assert(
      fc.property(fc.array(given, { minLength: 1, maxLength: 12 }), fc.integer({ min: 1, max: 40 }), (rows, piece) => {
        const lines = rows.map((row, index) => JSON.stringify({ id: index, ...row }));
        const stream = (each: readonly string[]) => {
          const scoring = scoreTexts(textMetric(name, variant), { keepRows: true });
          const all = each.join('\n');
          for (let at = 0; at < all.length; at += piece) scoring.write(all.slice(at, at + piece));
          return scoring.end();
        };
        const { score, rows: values } = stream(lines);
        const sums = new Float64Array(metric.width);
        const parts = new Float64Array(metric.parts);
        for (const row of rows) {
          metric.measure(rowOf(metric, row), parts);
          metric.expand(parts, sums, 0);
        }
        const inMemory = metric.value(sums, 0);
        if (score.value === null) expect(inMemory).toBeNaN();
        else expect(score.value).toBeCloseTo(inMemory, 9);
        expect([...values].map(({ value }) => value ?? Number.NaN)).toEqual(rows.map((row) => rowValue(metric, row)));
        expect(stream(lines.toReversed()).score).toEqual(score);
      }),
      { numRuns: 25 },
    );
  });
});

describe('one more error', () => {
  it('never lowers WER or CER, nor raises exact match', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom<string>('a', 'b', 'c'), { minLength: 1 }), fc.nat(), (words, at) => {
        const worse = words.with(at % words.length, 'wrong');
        const rows = [words, worse].map((each) => ({ prediction: each.join(' '), references: [words.join(' ')] }));
        for (const name of ['wer', 'cer'])
          expect(rowValue(textMetric(name), rows[1]!)).toBeGreaterThan(rowValue(textMetric(name), rows[0]!));
        expect(rows.map((row) => rowValue(textMetric('exact'), row))).toEqual([1, 0]);
      }),
    );
  });
});

describe('what is kept of rows', () => {
  it('comes back as it was, however large a number is', () => {
    const number = fc.oneof(fc.nat({ max: 300 }), fc.nat({ max: 70_000 }), fc.nat(), fc.double({ noNaN: true }), fc.constant(2 ** 40));
    fc.assert(
      fc.property(fc.array(fc.tuple(number, number), { maxLength: 50 }), (rows) => {
        const columns = createPartColumns(2);
        for (const row of rows) columns.push(Float64Array.from(row));
        const parts = new Float64Array(2);
        const read = rows.map((_, row) => {
          columns.read(row, parts);
          return [...parts];
        });
        expect([columns.length(), read]).toEqual([rows.length, rows]);
      }),
    );
  });

  it('spans chunks', () => {
    const columns = createPartColumns(1);
    for (let row = 0; row < 20_000; row++) columns.push(Float64Array.of(row === 9000 ? 0.5 : row % 251));
    const part = new Float64Array(1);
    const read = (row: number): number => {
      columns.read(row, part);
      return part[0]!;
    };
    expect([read(0), read(8191), read(8192), read(9000), read(19_999)]).toEqual([0, 8191 % 251, 8192 % 251, 0.5, 19_999 % 251]);
  });

  it('tells ids apart as a set of texts does, a hundred thousand of them', () => {
    const [ids, texts] = [createSeenIds(), new Set<string>()];
    for (let index = 0; index < 100_000; index++) {
      const id = `row-${(index * 7919) % 60_000}`;
      expect(ids.add(id)).toBe(!texts.has(id));
      texts.add(id);
    }
    expect(texts.size).toBe(60_000);
  });
});
