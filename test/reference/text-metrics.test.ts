/** WER, CER, BLEU, chrF, ANLS and ANLS* against the Python libraries of the field, on thousands of random rows each. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseJsonKeepingNumbers, treeOf } from '../../lib/core/text/json-tree.ts';
import type { TextMetric, TextRow } from '../../lib/core/text/text-metric.ts';
import { textMetric } from '../../lib/core/text/text-metrics.ts';
import { randomTexts } from './random-texts.ts';
import { type ReferenceProcess, startReference } from './reference-process.ts';

const CASES = 2500;
const TOLERANCE = 1e-9;

let reference: ReferenceProcess;
beforeAll(async () => {
  reference = await startReference();
}, 600_000);
afterAll(() => reference.stop());

interface Row {
  readonly prediction: string;
  readonly references: readonly string[];
}

function rowsOf(label: string, count: number, most: number): Row[] {
  const texts = randomTexts(label);
  return Array.from({ length: count }, () => {
    const [first, prediction] = texts.pair();
    const more = Array.from({ length: texts.below(most) }, () => texts.pick([texts.text(), [...prediction].slice(0, 20).join(''), first]));
    return { prediction, references: [first, ...more] };
  });
}

const textRow = ({ prediction, references }: Row): TextRow => ({ kind: 'text', prediction, references });

function partsOf(metric: TextMetric, row: TextRow): Float64Array {
  const parts = new Float64Array(metric.parts);
  metric.measure(row, parts);
  return parts;
}

function sumsOf(metric: TextMetric, rows: readonly TextRow[]): Float64Array {
  const sums = new Float64Array(metric.width);
  for (const row of rows) metric.expand(partsOf(metric, row), sums, 0);
  return sums;
}

function agree(ours: number, theirs: number, what: unknown): void {
  if (Math.abs(ours - theirs) <= TOLERANCE * Math.max(1, Math.abs(theirs))) return;
  expect({ value: ours, of: what }).toEqual({ value: theirs, of: what });
}

describe.each(['wer', 'cer'] as const)('%s', (name) => {
  const metric = textMetric(name);

  it(`counts the edits of jiwer, row by row, on ${CASES} rows, and so over the corpus`, async () => {
    const rows = rowsOf(name, CASES, 1);
    const asked = rows.map(({ prediction, references }) => ({ op: name, references: [...references], hypotheses: [prediction] }));
    const corpus = { op: name, references: rows.map((row) => row.references[0]), hypotheses: rows.map((row) => row.prediction) };

    const told = await reference.ask<{ errors: number; length: number }>([...asked, corpus]);

    for (const [index, row] of rows.entries()) {
      const [errors, length] = partsOf(metric, textRow(row));
      expect({ errors, length, of: row }).toEqual({ ...told[index]!, of: row });
    }
    const whole = told.at(-1)!;
    expect(metric.value(sumsOf(metric, rows.map(textRow)), 0)).toBeCloseTo(whole.errors / whole.length, 14);
  });
});

describe('BLEU', () => {
  it.each([
    ['13a', '13a', 'exp'],
    ['none', 'none', 'exp'],
    ['char', 'char', 'exp'],
    ['13a:none', '13a', 'none'],
    ['13a:floor', '13a', 'floor'],
    ['13a:add-k', '13a', 'add-k'],
  ])(`%s is sacrebleu's, by sentence on ${CASES} rows and by corpus on 250`, async (variant, tokenize, smooth) => {
    const metric = textMetric('bleu', variant);
    const rows = rowsOf(`bleu/${variant}`, CASES, 3);
    const corpora = Array.from({ length: CASES / 10 }, (_, at) => rows.slice(at * 10, at * 10 + 10));
    const question = (part: readonly Row[], effective: boolean) => ({
      ...{ op: 'bleu', tokenize, smooth, effective },
      hypotheses: part.map((row) => row.prediction),
      references: part.map((row) => row.references),
    });

    const told = await reference.ask<{ score: number; signature: string }>([
      ...rows.map((row) => question([row], true)),
      ...corpora.map((corpus) => question(corpus, false)),
    ]);

    for (const [index, row] of rows.entries()) agree(metric.rowValue(sumsOf(metric, [textRow(row)]), 0), told[index]!.score, row);
    for (const [index, corpus] of corpora.entries())
      agree(metric.value(sumsOf(metric, corpus.map(textRow)), 0), told[CASES + index]!.score, corpus);
    const unversioned = (signature: string | undefined) => signature?.replace(/version:.*/, '');
    const counts = new Set(corpora.at(-1)!.map((row) => row.references.length));
    const ours = metric.signatures(counts.size === 1 ? [...counts][0]! : 'var');
    expect(unversioned(ours?.value)).toBe(unversioned(told.at(-1)!.signature));
  });
});

describe('chrF', () => {
  it.each([
    ['chrF2', 0, 2, false],
    ['chrF2+', 1, 2, false],
    ['chrF2++', 2, 2, false],
    ['chrF3', 0, 3, false],
    ['chrF3:eps', 0, 3, true],
  ])(`%s is sacrebleu's, by sentence on ${CASES} rows and by corpus on 250`, async (variant, wordOrder, beta, eps) => {
    const metric = textMetric('chrf', variant);
    const rows = rowsOf(`chrf/${variant}`, CASES, 3);
    const corpora = Array.from({ length: CASES / 10 }, (_, at) => rows.slice(at * 10, at * 10 + 10));
    const parts = [...rows.map((row) => [row]), ...corpora];
    const questions = parts.map((part) => ({
      ...{ op: 'chrf', wordOrder, beta, eps },
      hypotheses: part.map((row) => row.prediction),
      references: part.map((row) => row.references),
    }));

    const told = await reference.ask<{ score: number; signature: string }>(questions);

    for (const [index, part] of parts.entries()) agree(metric.value(sumsOf(metric, part.map(textRow)), 0), told[index]!.score, part);
    expect(metric.signatures('var')?.value.replace(/version:.*/, '')).toBe(
      told
        .at(-1)!
        .signature.replace(/nrefs:\w+/, 'nrefs:var')
        .replace(/version:.*/, ''),
    );
  });
});

describe('ANLS', () => {
  it.each(['paper_strict', 'lmms_eval', 'vlmevalkit_mmlongbench', 'anls_star'])(
    `%s is its definition on ${CASES} rows`,
    async (variant) => {
      const metric = textMetric('anls', variant);
      const rows = rowsOf(`anls/${variant}`, CASES, 3);

      const told = await reference.ask<number>(rows.map((row) => ({ op: 'anls', variant, ...row })));

      for (const [index, row] of rows.entries()) agree(partsOf(metric, textRow(row))[0]!, told[index]!, row);
    },
  );
});

/** JSON texts, because 1.0 and 1 are not the same to ANLS*. */
function randomValue(texts: ReturnType<typeof randomTexts>, depth: number, isTruth: boolean): string {
  const inner = () => randomValue(texts, depth - 1, isTruth);
  const some = <T>(make: () => T): T[] => Array.from({ length: texts.below(5) }, make);
  const leaf = () =>
    texts.pick([
      ...[
        '"a"',
        '"b"',
        '"abcd"',
        '"abxy"',
        '""',
        'null',
        '1',
        '1.0',
        '-0',
        '-0.0',
        'true',
        'false',
        '12345678901234567890',
        '1e16',
        '0.00001',
        '2.50',
      ],
      JSON.stringify([...texts.pair()[1]].slice(0, 12).join('')),
      JSON.stringify(texts.pick(['cat', 'cats', 'Cat ', 'car', 'dog'])),
    ]);
  if (depth === 0) return leaf();
  const kind = texts.below(isTruth ? 7 : 6);
  if (kind <= 1) return `[${some(inner).join(',')}]`;
  if (kind <= 3)
    return `{${[...new Set(some(() => texts.pick(['"k"', '"l"', '"m"', '"größe"'])))].map((key) => `${key}:${inner()}`).join(',')}}`;
  return kind === 6 ? `{"$oneOf":[${[inner(), ...some(inner)].join(',')}]}` : leaf();
}

const WORDS = ['"cat"', '"cats"', '"abxy"', '"dig"', '"a"'];

/** Lists turned about: ANLS* does not mind their order. */
function shuffled(json: string, texts: ReturnType<typeof randomTexts>): string {
  if (!json.startsWith('[') || !/^\[("[a-z]+",)+"[a-z]+"\]$/.test(json)) return json;
  const items = json.slice(1, -1).split(',');
  const turned = texts.below(items.length);
  return `[${[...items.slice(turned), ...items.slice(0, turned)].join(',')}]`;
}

describe('ANLS*', () => {
  const metric = textMetric('anls-star');
  const treeRow = (prediction: string, references: readonly string[]): TextRow => ({
    kind: 'tree',
    prediction: treeOf(parseJsonKeepingNumbers(prediction), false),
    references: references.map((text) => treeOf(parseJsonKeepingNumbers(text), true)),
  });

  it('is that of its authors on 6,000 random structures', async () => {
    const texts = randomTexts('anls-star');
    const rows = Array.from({ length: 6000 }, (_, index) => {
      const truth = randomValue(texts, 1 + (index % 3), texts.below(3) === 0);
      // Most predictions come from a truth, with few changes, so that scores are not all 0.
      const near = truth.replace(/"(cats?|dog|car|abcd|a|b|k)"/g, (text) => (texts.below(3) === 0 ? texts.pick(WORDS) : text));
      const isNear = texts.below(4) > 0 && !truth.includes('$oneOf');
      const prediction = isNear ? shuffled(near, texts) : randomValue(texts, index % 4, false);
      // The authors' code refuses a plain question without any answer.
      const only = truth === '[]' ? '[null]' : truth;
      return { prediction, references: texts.below(4) === 0 ? [truth, randomValue(texts, 1, true)] : [only] };
    });

    const told = await reference.ask<number>(
      rows.map((row) => ({ op: 'anls-star-text', prediction: row.prediction, references: row.references })),
    );

    expect(told.filter((score) => score > 0 && score < 1).length).toBeGreaterThan(500);
    for (const [index, row] of rows.entries()) agree(partsOf(metric, treeRow(row.prediction, row.references))[0]!, told[index]!, row);
  });

  it('breaks ties as they do, in 2,500 lists of records where equal means have unequal counts', async () => {
    const texts = randomTexts('anls-star ties');
    const leaf = () => texts.pick(['"a"', '"a"', '"b"', 'null', '1', '1.0', 'true', '["a"]', '["a","b"]', '[]']);
    const record = () => {
      const keys = ['"k"', '"l"', '"m"'].filter(() => texts.below(2) === 0);
      return texts.below(4) === 0 ? leaf() : `{${keys.map((key) => `${key}:${leaf()}`).join(',')}}`;
    };
    const records = () => `[${Array.from({ length: 2 + texts.below(4) }, record).join(',')}]`;
    const rows = Array.from({ length: 2500 }, () => ({ prediction: records(), references: [records()] }));

    const told = await reference.ask<number>(rows.map((row) => ({ op: 'anls-star-text', ...row })));

    for (const [index, row] of rows.entries()) agree(partsOf(metric, treeRow(row.prediction, row.references))[0]!, told[index]!, row);
  });
});
