/** Scorers `overlap`, `fields`, `labels` and `numbers` over stored rows: what is read, what is unparsed, and that streaming changes nothing. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { fileObjectStore } from '../../lib/adapters/local/file-object-store.ts';
import { FIELD_METRICS, OVERLAP_METRICS } from '../../lib/core/builtin-metrics.ts';
import { BUILTIN_SCORERS } from '../../lib/core/builtin-scorers.ts';
import { estimatorOf, hasGaps, imputeColumn, type MetricColumn } from '../../lib/core/columns.ts';
import type { Job } from '../../lib/core/job.ts';
import { estimate } from '../../lib/core/measures/estimate.ts';
import type { ObjectStore } from '../../lib/core/ports.ts';
import { scoreJob } from '../../lib/core/score-job.ts';
import { type JobScores, jobScoresSchema, type MetricScore } from '../../lib/core/scores.ts';
import { createFieldScorer, fieldsTruth } from '../../lib/core/text/field-columns.ts';
import { jsonAnswer } from '../../lib/core/text/json-answer.ts';
import { createOverlapScorer, textTruths } from '../../lib/core/text/overlap-columns.ts';
import { scoreTexts } from '../../lib/core/text/score-texts.ts';
import { textMetric } from '../../lib/core/text/text-metrics.ts';
import { readSuiteColumns } from '../../lib/workflow/read-suite-columns.ts';
import { collectJobColumns } from '../../lib/workflow/score-rows.ts';
import { failedRow, jobOf, putItems, putRows, type StoredItem, succeededRow } from '../fixtures/scoring/stored-run.ts';

let folder: string;
let objects: ObjectStore;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'bakeoff-answers-'));
  objects = fileObjectStore(folder);
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const all = (items: number) => ({ items: Uint32Array.from({ length: items }, (_, item) => item), repeats: 1 });
const options = { confidence: 0.95, label: 'test' };
const measured = (column: MetricColumn, slots: number) => estimate(estimatorOf(column), all(slots), options);

/** As the score step does. */
async function scored(job: Job): Promise<JobScores> {
  const suite = await readSuiteColumns(objects, job, []);
  const columns = await collectJobColumns(objects, job);
  return scoreJob(columns, suite, job.load, { confidence: 0.95, score: null, contended: false });
}

async function scoredAnswers(
  scorers: readonly string[],
  items: readonly StoredItem[],
  texts: readonly (string | null)[],
): Promise<JobScores> {
  await putItems(objects, items);
  const job = jobOf('job', items.length, { builtinScorers: [...scorers] });
  const rows = texts.map((text, ordinal) => {
    const place = { itemId: items[ordinal]!.id, ordinal };
    return text === null ? failedRow(place) : succeededRow(place, { text });
  });
  await putRows(objects, job, rows);
  return scored(job);
}

const metric = (scores: JobScores, name: string): MetricScore => scores.metrics.find((score) => score.name === name)!;

describe('JSON in an answer', () => {
  it.each([
    ['{"a": 1}', { a: 1 }],
    [' [1, 2] \n', [1, 2]],
    ['null', null],
    ['```json\n{"a": 1}\n```', { a: 1 }],
    ['Of course:\n\n```\n{"a": 1}\n```\nAnything else?', { a: 1 }],
  ])('%j is found', (text, value) => {
    expect(jsonAnswer(text)).toEqual({ value });
  });

  it.each([
    'a: 1',
    '',
    'The answer is {"a": 1}',
    '```json\n{"a": 1}\n```\n```json\n{"a": 2}\n```',
    '```json\n{"a": 1}',
    "{'a': 1}",
    `${'['.repeat(200_000)}`,
  ])('is not guessed in %.40j', (text) => {
    expect(jsonAnswer(text)).toBeNull();
  });
});

describe('fields', () => {
  const truthOf = (fields: unknown) => fieldsTruth({ fields })!;
  const ofAnswers = (...answers: readonly [fields: unknown, text: string | null][]) => {
    const scorer = createFieldScorer(FIELD_METRICS, answers.length);
    const unparsed = answers.map(([fields, text], slot) => scorer.score(slot, text, truthOf(fields)));
    const value = (name: string) => measured(scorer.columns.find((column) => column.name === `fields.${name}`)!, answers.length).value;
    return { unparsed, accuracy: value('accuracy'), precision: value('precision'), similarity: value('anls-star') };
  };

  it('are right, wrong, missing or invented, by their paths', () => {
    const made = ofAnswers([{ a: 1, b: { c: 'x', d: [1, 2] } }, '{"a": 1.0, "b": {"c": " X", "d": [1]}, "e": 0, "f": null}']);

    // Right: a and d/0; wrong: c; missing: d/1; invented: e, f.
    expect(made).toMatchObject({ unparsed: [false], accuracy: 2 / 4, precision: 2 / 5 });
  });

  it('take the best of several truths', () => {
    expect(ofAnswers([{ $oneOf: [{ a: 1 }, { a: 2 }] }, '{"a": 2}'])).toMatchObject({ accuracy: 1, precision: 1, similarity: 1 });
  });

  it('take the best of several truths at any depth, of objects and lists too', () => {
    const truth = {
      id: 7,
      size: { $oneOf: [{ cm: 10, mm: 100 }, { inch: 4 }] },
      tags: [{ $oneOf: [['a', 'b'], { $oneOf: [['c'], 'd'] }] }],
    };

    const made = [
      ofAnswers([truth, '{"id": 7, "size": {"inch": 4}, "tags": [["c"]]}']),
      ofAnswers([truth, '{"id": 7, "size": {"cm": 10}, "tags": ["d"]}']),
      ofAnswers([truth, '{"id": 7}']),
    ];

    expect(made[0]).toMatchObject({ accuracy: 1, precision: 1, similarity: 1 });
    // Right: id, size/cm, tags/0; missing: size/mm.
    expect(made[1]).toMatchObject({ accuracy: 3 / 4, precision: 1 });
    // Where nothing decides, the first alternative is missing.
    expect(made[2]).toMatchObject({ accuracy: 1 / 5, precision: 1 });
  });

  it('of an answer that is no JSON count as answered wrongly', () => {
    const made = ofAnswers([{ a: 1, b: 2 }, 'a is 1'], [{ a: 1, b: 2 }, null], [{ a: 1, b: 2 }, '{"a": 1, "b": 2}']);

    expect(made).toMatchObject({ unparsed: [true, true, false], accuracy: 1 / 3, precision: 1 / 3, similarity: 1 / 3 });
  });

  it('of an answer too deep or too long to be matched are unparsed, never a crash', () => {
    const [deep, long] = [`${'['.repeat(100)}${']'.repeat(100)}`, JSON.stringify(new Array(501).fill(0))];

    expect(ofAnswers([{ a: 1 }, deep], [{ a: 1 }, long]).unparsed).toEqual([true, true]);
  });

  it('lie in 0..1, and a right field more never lowers the accuracy', () => {
    const leaf = fc.oneof(fc.integer({ min: 0, max: 3 }), fc.constantFrom('x', 'y', null, true));
    const fields = fc.dictionary(fc.constantFrom('a', 'b', 'c', 'd'), leaf, { minKeys: 1 });
    fc.assert(
      fc.property(fields, fields, fc.nat(), (truth, answer, pick) => {
        const names = Object.keys(truth);
        const name = names[pick % names.length]!;
        const [before, after] = [answer, { ...answer, [name]: truth[name] }].map((given) => ofAnswers([truth, JSON.stringify(given)]));

        for (const made of [before!, after!])
          for (const value of [made.accuracy!, made.precision ?? 0, made.similarity!]) {
            expect(value).toBeGreaterThanOrEqual(0);
            expect(value).toBeLessThanOrEqual(1);
          }
        expect(after!.accuracy).toBeGreaterThanOrEqual(before!.accuracy!);
      }),
    );
  });

  it('bound what unanswered samples can be worth, but not the precision from below', () => {
    const scorer = createFieldScorer(FIELD_METRICS, 2);
    scorer.score(0, '{"a": 1, "b": 0}', truthOf({ a: 1, b: 2 }));
    scorer.noteReference(1, truthOf({ a: 1, b: 2 }));
    const [similarity, accuracy, precision] = scorer.columns;
    const bounds = (column: MetricColumn) =>
      (['worst', 'best'] as const).map((bound) => {
        const imputed = imputeColumn(column, bound);
        return imputed === null ? null : measured(imputed, 2).value;
      });

    expect([similarity!, accuracy!, precision!].every(hasGaps)).toBe(true);
    expect(bounds(similarity!)).toEqual([0.25, 0.75]);
    expect(bounds(accuracy!)).toEqual([0.25, 0.75]);
    expect(bounds(precision!)).toEqual([null, 0.75]);
  });
});

const words = fc
  .array(fc.constantFrom('the', 'cat', 'sat', 'on', 'a', 'mat', '.', '猫', 'n’est'), { maxLength: 8 })
  .map((list) => list.join(' '));
const texts = fc.array(fc.record({ prediction: words, references: fc.array(words, { minLength: 1, maxLength: 3 }) }), {
  minLength: 1,
  maxLength: 12,
});

describe('overlap', () => {
  it.each(['bleu', 'chrf'] as const)('has the %s and the signature of `bakeoff score text` for the same rows', (name) => {
    fc.assert(
      fc.property(texts, (rows) => {
        const scoring = scoreTexts(textMetric(name), { keepRows: false });
        for (const [id, row] of rows.entries()) scoring.write(`${JSON.stringify({ id: `${id}`, ...row })}\n`);
        const { score } = scoring.end();
        const scorer = createOverlapScorer(OVERLAP_METRICS, rows.length);
        for (const [slot, { prediction, references }] of rows.entries()) scorer.score(slot, prediction, references);

        const column = scorer.columns().find((made) => made.name === `overlap.${name}`)!;

        expect(measured(column, rows.length).value).toBe(score.value);
        expect(column.signature).toBe(score.signature);
      }),
      { numRuns: 60 },
    );
  });

  it('reads alternatives under `texts`, else one under `text`', () => {
    expect([{ texts: ['a', 'b'], text: 'c' }, { text: 'c' }, { texts: [] }, { texts: ['a', 1] }, {}, null].map(textTruths)).toEqual([
      ['a', 'b'],
      ['c'],
      null,
      null,
      null,
      null,
    ]);
  });

  it('takes a sample without an answer as perfect at best, and as nothing at worst', () => {
    const scorer = createOverlapScorer(OVERLAP_METRICS, 2);
    scorer.score(0, 'the cat sat on a mat', ['the cat sat on the mat']);
    scorer.noteReference(1, ['short', 'the dog lay under the table']);

    for (const column of scorer.columns()) {
      expect(hasGaps(column)).toBe(true);
      expect(imputeColumn(column, 'worst')).toBeNull();
      expect(measured(imputeColumn(column, 'best')!, 2).value).toBeGreaterThan(measured(column, 2).value!);
    }
  });
});

describe('stored rows', () => {
  const item = (id: number, reference: Record<string, unknown>): StoredItem => ({ id: `item-${id}`, reference });
  const animals = ['cat', 'dog', 'bird'];
  const items = Array.from({ length: 60 }, (_, id) =>
    item(id, {
      label: animals[id % 3],
      fields: { kind: animals[id % 3], n: id },
      text: JSON.stringify({ label: animals[id % 3], kind: animals[id % 3], n: id }),
    }),
  );
  const answerOf = (id: number): string | null => {
    if (id % 19 === 7) return null;
    const label = id % 7 === 3 ? 'fish' : animals[(id + (id % 5 === 0 ? 1 : 0)) % 3];
    const rest = Math.max(0, 0.9 - (id % 4) / 10);
    const scores = Object.fromEntries(animals.map((name) => [name, name === label ? rest : (1 - rest) / 2]));
    return JSON.stringify({ label, kind: label, n: id, confidence: rest, scores });
  };
  const SCORERS = ['overlap', 'fields', 'labels'];

  it('become scores of all three, with matrix, signature, intervals and standard errors', async () => {
    const scores = await scoredAnswers(
      SCORERS,
      items,
      items.map((_, id) => answerOf(id)),
    );

    expect(jobScoresSchema.parse(scores)).toEqual(scores);
    expect(scores.metrics.map(({ name }) => name)).toEqual(
      SCORERS.flatMap((scorer) => BUILTIN_SCORERS.get(scorer)!.metrics.map(({ name }) => `${scorer}.${name}`)),
    );
    for (const score of scores.metrics) {
      expect(score.value, score.name).not.toBeNull();
      const hasInterval = score.name !== 'labels.calibration-error';
      expect(score.interval?.method, score.name).toBe(hasInterval ? 'bca-bootstrap' : undefined);
      if (hasInterval) expect(score.interval!.low, score.name).toBeLessThanOrEqual(score.value!);
      expect(score.standardError, score.name).toBeGreaterThan(0);
      expect(score.effectiveN, score.name).toBe(score.n);
    }
    expect(metric(scores, 'overlap.bleu').signature).toBe('nrefs:1|case:mixed|eff:no|tok:13a|smooth:exp|version:bakeoff-1.0.0');
    expect(scores.confusion?.labels).toEqual(['bird', 'cat', 'dog']);
    expect(scores.confusion?.matrix?.flat().reduce((sum, count) => sum + count, 0)).toBe(scores.succeeded);
  });

  it('are the same numbers in any order, split into any parts', async () => {
    const rows = items.map(({ id }, ordinal) => {
      const text = answerOf(ordinal);
      return text === null ? failedRow({ itemId: id, ordinal }) : succeededRow({ itemId: id, ordinal }, { text });
    });
    await putItems(objects, items);
    const expected = await scoredAnswers(
      SCORERS,
      items,
      items.map((_, id) => answerOf(id)),
    );
    let run = 0;
    await fc.assert(
      fc.asyncProperty(fc.shuffledSubarray(rows, { minLength: rows.length }), fc.integer({ min: 1, max: 60 }), async (shuffled, size) => {
        const job = jobOf(`split-${run++}`, items.length, { builtinScorers: [...SCORERS] });
        for (let part = 0; part * size < rows.length; part++)
          await putRows(objects, job, shuffled.slice(part * size, (part + 1) * size), 1, part + 1);
        const { metrics, confusion } = await scored(job);
        expect(metrics).toEqual(expected.metrics);
        expect(confusion).toEqual(expected.confusion);
      }),
      { numRuns: 4 },
    );
  });

  it('count an unparsed answer for the scorer that could not read it, and for no other', async () => {
    const scores = await scoredAnswers(['text', ...SCORERS], items.slice(0, 2), [
      'no label, no JSON',
      '{"label": "dog", "kind": "dog", "n": 1}',
    ]);

    const unparsed = Object.fromEntries(scores.metrics.map(({ name, unparsed: count }) => [name.split('.')[0], count]));
    expect(unparsed).toEqual({ text: 0, overlap: 0, fields: 1, labels: 1 });
    expect(metric(scores, 'labels.accuracy')).toMatchObject({ value: 0.5, n: 2 });
    expect(metric(scores, 'fields.accuracy')).toMatchObject({ value: 0.5, n: 2 });
  });

  it('of a job that answered nothing have reasons in place of values', async () => {
    const scores = await scoredAnswers(SCORERS, items.slice(0, 3), [null, null, null]);

    for (const { value, reason, standardError, standardErrorReason } of scores.metrics)
      expect([value, standardError, typeof reason, typeof standardErrorReason]).toEqual([null, null, 'string', 'string']);
    expect(scores.confusion?.matrix?.flat().every((count) => count === 0)).toBe(true);
  });

  it('of numbers have their rank correlation', async () => {
    const numbers = Array.from({ length: 20 }, (_, id) => item(id, { value: id }));

    const scores = await scoredAnswers(
      ['numbers'],
      numbers,
      numbers.map((_, id) => `${(id % 2 === 0 ? id : id - 1) ** 3}`),
    );

    expect(metric(scores, 'numbers.spearman')).toMatchObject({ aggregation: 'spearman', n: 20, interval: { method: 'bca-bootstrap' } });
    expect(metric(scores, 'numbers.spearman').value).toBeGreaterThan(0.98);
    expect(scores.metrics.map(({ name }) => name)).toEqual(['numbers.mae', 'numbers.rmse', 'numbers.r2', 'numbers.spearman']);
  });
});
