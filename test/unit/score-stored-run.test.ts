/**
 * Stored rows become columns and scores: resumed jobs, failed and unparsed answers, evaluators, and files that are not what was written.
 * Long, because all of it stands on the same few stored items.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { fileObjectStore } from '../../lib/adapters/local/file-object-store.ts';
import { BUILTIN_SCORERS } from '../../lib/core/builtin-scorers.ts';
import { FAILED, SUCCEEDED, UNPARSED } from '../../lib/core/columns.ts';
import type { Job } from '../../lib/core/job.ts';
import { createTextScorer } from '../../lib/core/text/text-columns.ts';
import { keys } from '../../lib/core/object-key.ts';
import type { ObjectStore } from '../../lib/core/ports.ts';
import type { EvaluationRow, SampleRow } from '../../lib/core/sample.ts';
import { scoreRun } from '../../lib/core/score-run.ts';
import { type RunScores, runScoresSchema } from '../../lib/core/scores.ts';
import { readSuiteColumns } from '../../lib/workflow/read-suite-columns.ts';
import { collectJobColumns } from '../../lib/workflow/score-rows.ts';
import { readRunColumns, scoreStoredJob, type StoredScoring } from '../../lib/workflow/score-stored-run.ts';
import { infoOf } from '../fixtures/scoring/columns.ts';
import { failedRow, jobOf, putEvaluations, putItems, putRows, succeededRow } from '../fixtures/scoring/stored-run.ts';

let folder: string;
let objects: ObjectStore;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'bakeoff-score-'));
  objects = fileObjectStore(folder);
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const byCer = { confidence: 0.95, score: { kind: 'rankBy', metric: 'text.cer' }, contended: false, categories: ['kind'] } as const;
/** As the report step scores. */
async function scoreStoredRun(jobs: readonly [Job, ...Job[]], scoring: StoredScoring): Promise<RunScores> {
  const columns = await readRunColumns(objects, jobs, scoring.categories);
  return scoreRun(columns.jobs, columns.suite, scoring);
}

const ids = Array.from({ length: 40 }, (_, index) => `item-${index}`);
const truth = (index: number) => `line ${index} of text`;
const textJob = (jobId: string, changes: Partial<Job> = {}) =>
  jobOf(jobId, ids.length, { builtinScorers: ['latency', 'text'], ...changes });

async function putTextItems(): Promise<void> {
  await putItems(
    objects,
    ids.map((id, index) => ({ id, attributes: { kind: index % 2 === 0 ? 'even' : 'odd' }, reference: { text: truth(index) } })),
  );
}

async function putAnswers(job: Job, answer: (index: number) => string): Promise<void> {
  await putRows(
    objects,
    job,
    ids.map((itemId, ordinal) => succeededRow({ itemId, ordinal }, { text: answer(ordinal) }, 10 + (ordinal % 7))),
  );
}

describe('scoring a stored run', () => {
  it('ranks a job that is right above one that errs, with a separable difference', async () => {
    await putTextItems();
    const [good, bad] = [textJob('good'), textJob('bad')];
    await putAnswers(good, (index) => `line ${index} of ${index % 5 === 0 ? 'texts' : 'text'}`);
    await putAnswers(bad, (index) => `l1ne ${index} of ${index % 2 === 0 ? 'txt' : 'te xt'}`);

    const scores = await scoreStoredRun([good, bad], byCer);

    expect(runScoresSchema.parse(scores)).toEqual(scores);
    expect(scores.ranking.entries.map((entry) => [entry.jobId, entry.rank, entry.rankRange])).toEqual([
      ['good', 1, [1, 1]],
      ['bad', 2, [2, 2]],
    ]);
    expect(scores.ranking.comparisons[0]?.verdict).toBe('a');
    expect(Object.keys(scores.jobs[0]?.categories.kind ?? {})).toEqual(['even', 'odd']);
  });

  it('scores a job without any row as missing', async () => {
    await putTextItems();

    const scores = await scoreStoredJob(objects, textJob('never-ran'), byCer);

    expect(scores).toMatchObject({ planned: 40, succeeded: 0, failed: 0, missing: 40, latency: null, failures: [] });
    expect(scores.metrics.map(({ value, reason }) => [value, reason])).toEqual(new Array(4).fill([null, 'no sample has a finite value']));
  });

  it('reads the same sums from any split into part files and any order of rows', async () => {
    await putTextItems();
    const answers = (index: number) => (index % 3 === 0 ? `lime ${index} off text` : truth(index));
    const rows = ids.map((itemId, ordinal) =>
      ordinal % 11 === 5 ? failedRow({ itemId, ordinal }) : succeededRow({ itemId, ordinal }, { text: answers(ordinal) }, 5 + ordinal),
    );
    const whole = textJob('whole');
    await putRows(objects, whole, rows);
    const expected = { ...(await scoreStoredJob(objects, whole, byCer)), jobId: '' };
    let run = 0;
    await fc.assert(
      fc.asyncProperty(fc.shuffledSubarray(rows, { minLength: rows.length }), fc.integer({ min: 1, max: 40 }), async (shuffled, size) => {
        const job = textJob(`split-${run++}`);
        for (let part = 0; part * size < rows.length; part++) {
          await putRows(objects, job, shuffled.slice(part * size, (part + 1) * size), 1, part + 1);
        }
        expect({ ...(await scoreStoredJob(objects, job, byCer)), jobId: '' }).toEqual(expected);
      }),
      { numRuns: 8 },
    );
  });
});

describe('the columns of a job', () => {
  const columnsAfter = async (job: Job, rows: readonly SampleRow[]) => {
    await putRows(objects, job, rows);
    return collectJobColumns(objects, job);
  };

  it('equal what the scorers make of the same answers in memory', async () => {
    await putTextItems();
    const answers = ids.map((_, index) => `line ${index * 3} af text`);
    const inMemory = createTextScorer(BUILTIN_SCORERS.get('text')?.metrics ?? [], ids.length);
    for (const [slot, answer] of answers.entries()) inMemory.score(slot, answer, truth(slot));

    const streamed = await columnsAfter(
      textJob('j'),
      answers.map((text, ordinal) => succeededRow({ itemId: ids[ordinal]!, ordinal }, { text })),
    );

    expect(streamed.metrics).toEqual(inMemory.columns);
  });

  it('keep the row of the lowest attempt and part, by number and not by name', async () => {
    await putTextItems();
    const job = textJob('resumed');
    const rowOf = (attempt: number, latencyMs: number) =>
      succeededRow({ itemId: 'item-0', ordinal: 0, attempt }, { text: truth(0) }, latencyMs);
    await putRows(objects, job, [rowOf(10, 100)], 10, 1);
    await putRows(objects, job, [rowOf(2, 21)], 2, 11);
    await putRows(objects, job, [rowOf(2, 20)], 2, 3);

    expect((await collectJobColumns(objects, job)).latencyMs[0]).toBe(20);
  });

  it('leave warm-up rows and retried latencies out, and count failures as infinitely slow', async () => {
    await putTextItems();
    const warmup = { ...succeededRow({ itemId: 'item-9', ordinal: -1 }, { text: '' }), warmup: true };
    const retried = succeededRow({ itemId: 'item-0', ordinal: 0 }, { text: truth(0) }, 50, { retried: true });
    const failed = failedRow({ itemId: 'item-1', ordinal: 1 }, { retried: true, timings: null });

    const columns = await columnsAfter(textJob('j'), [warmup, retried, failed]);

    expect([...columns.latencyMs.slice(0, 3)]).toEqual([Number.NaN, Infinity, Number.NaN]);
    expect([...columns.generateMs.slice(0, 3)]).toEqual([Number.NaN, Number.NaN, Number.NaN]);
    expect([...columns.state.slice(0, 3)]).toEqual([SUCCEEDED, FAILED, 0]);
    expect(columns).toMatchObject({ leftOutRetried: 1, spans: [{ attempt: 1, firstSentMs: 0, lastDoneMs: 50 }] });
  });

  it.each([
    ['add up the lengths of videos, in any order to the same sum', [1999.999, 0.001, 3000.3], 5000.3],
    ['have no length as soon as one is not known', [2000, undefined, 3000], undefined],
    ['have no length where there is no video', [], undefined],
  ])('%s', async (_, lengths, expected) => {
    const job = jobOf('j', ids.length);
    const file = { kind: 'video', key: 'runs/r/v.webm', sha256: '0'.repeat(64), bytes: 1, contentType: 'video/webm' } as const;
    const rows = lengths.map((durationMs, ordinal) =>
      succeededRow({ itemId: ids[ordinal]!, ordinal }, { files: [{ ...file, ...(durationMs === undefined ? {} : { durationMs }) }] }),
    );
    await putTextItems();
    await putRows(objects, job, rows.toReversed());

    expect((await collectJobColumns(objects, job)).videoMs).toBe(expected);
    expect((await scoreStoredJob(objects, job, byCer)).videoMs).toBe(expected);
  });

  it('score an answer without text as wrong and unparsed, and a text in a file as text', async () => {
    await putTextItems();
    const key = keys.output('run-1', 'j', 1, 'item-1.0.txt');
    await objects.put(key, truth(1));
    const file = { kind: 'text', key, sha256: '0'.repeat(64), bytes: 20, contentType: 'text/plain' } as const;

    const columns = await columnsAfter(textJob('j'), [
      succeededRow({ itemId: 'item-0', ordinal: 0 }, {}),
      succeededRow({ itemId: 'item-1', ordinal: 1 }, { files: [file] }),
    ]);

    expect([...columns.state.slice(0, 2)]).toEqual([SUCCEEDED | UNPARSED, SUCCEEDED]);
    const [cer, , , exact] = columns.metrics;
    expect(cer?.kind === 'corpus-ratio' && [cer.numerators[0], cer.denominators[0], cer.numerators[1]]).toEqual([14, 14, 0]);
    expect(exact?.kind === 'mean' && [...exact.values.slice(0, 3)]).toEqual([0, 1, Number.NaN]);
  });

  it('know the truth of samples that failed or are missing', async () => {
    await putTextItems();

    const columns = await columnsAfter(textJob('j'), [failedRow({ itemId: 'item-0', ordinal: 0 })]);

    const [cer] = columns.metrics;
    expect(cer?.kind === 'corpus-ratio' && [cer.numerators[0], cer.denominators[0], cer.denominators[39]]).toEqual([Number.NaN, 14, 15]);
  });

  it('hold no error for an answer that is no number, and count it as unparsed', async () => {
    await putItems(objects, [
      { id: 'a', reference: { value: 10 } },
      { id: 'b', reference: { value: 20 } },
    ]);
    const job = jobOf('j', 2, { builtinScorers: ['numbers'] });
    await putRows(objects, job, [
      succeededRow({ itemId: 'a', ordinal: 0 }, { value: 12 }),
      succeededRow({ itemId: 'b', ordinal: 1 }, { value: 'nineteen' }),
    ]);

    const scores = await scoreStoredJob(objects, job, { ...byCer, score: { kind: 'rankBy', metric: 'numbers.mae' } });

    expect(scores.metrics[0]).toMatchObject({ name: 'numbers.mae', value: 2, n: 1, planned: 2, unparsed: 1 });
  });

  it('group failures by class and code, with the first sample in order of issue as the example', async () => {
    await putTextItems();
    const late = failedRow({ itemId: 'item-7', ordinal: 7 });
    const early = failedRow({ itemId: 'item-2', ordinal: 2 });
    const other = failedRow({ itemId: 'item-3', ordinal: 3 }, { error: { class: 'timeout', code: 'sample-deadline', message: 'late' } });

    const { failures } = await columnsAfter(textJob('j'), [late, other, early]);

    expect(failures).toEqual([
      { class: 'model_error', code: 'broken', count: 2, exampleSampleId: 'item-2.0', exampleMessage: 'broken at item-2' },
      { class: 'timeout', code: 'sample-deadline', count: 1, exampleSampleId: 'item-3.0', exampleMessage: 'late' },
    ]);
  });
});

describe('the rows of evaluators', () => {
  const evaluator = {
    package: { id: 'clip-judge', version: '1.0.0', digest: '0'.repeat(64) },
    scorers: ['shapes', 'video'],
    metrics: [infoOf('shapes.right'), infoOf('video.flicker', { direction: 'none', range: [0, null] })],
  };
  const evaluated = (ordinal: number, changes: Partial<Extract<EvaluationRow, { state: 'evaluated' }>> = {}): EvaluationRow => ({
    schema: 1,
    sampleId: `item-${ordinal}.0`,
    ordinal,
    evaluator: 'clip-judge',
    attempt: 1,
    state: 'evaluated',
    values: { 'shapes.right': 1, 'video.flicker': 3 },
    errors: {},
    ...changes,
  });
  const columnsWith = async (rows: readonly EvaluationRow[]) => {
    await putItems(
      objects,
      ids.map((id) => ({ id })),
    );
    const job = jobOf('j', ids.length, { evaluators: [evaluator] });
    await putRows(objects, job, [
      ...ids.slice(0, 4).map((itemId, ordinal) => succeededRow({ itemId, ordinal }, {})),
      failedRow({ itemId: 'item-4', ordinal: 4 }),
    ]);
    await putEvaluations(objects, job, 'clip-judge', rows);
    await objects.put(keys.scorePart('run-1', 'j', 'other-judge', 1, 1), 'not for us');
    return collectJobColumns(objects, job);
  };
  const valuesOf = (columns: Awaited<ReturnType<typeof columnsWith>>, name: string) => {
    const column = columns.metrics.find((metric) => metric.name === name);
    return column?.kind === 'mean' ? [...column.values.slice(0, 5)] : null;
  };

  it('become a column a metric; a failed sample has no value, whatever the evaluator says', async () => {
    const columns = await columnsWith([evaluated(0), evaluated(1, { values: { 'shapes.right': 0 } }), evaluated(4)]);

    expect(valuesOf(columns, 'shapes.right')).toEqual([1, 0, Number.NaN, Number.NaN, Number.NaN]);
    expect(valuesOf(columns, 'video.flicker')).toEqual([3, Number.NaN, Number.NaN, Number.NaN, Number.NaN]);
  });

  it('that carry errors are failures, one a sample and code', async () => {
    const undecodable = { class: 'model_error', code: 'undecodable', message: 'truncated' } as const;

    const columns = await columnsWith([
      evaluated(0, { values: {}, errors: { 'shapes.right': undecodable, 'video.flicker': undecodable } }),
      { schema: 1, sampleId: 'item-1.0', ordinal: 1, evaluator: 'clip-judge', attempt: 1, state: 'failed', error: undecodable },
    ]);

    expect(columns.failures).toContainEqual(expect.objectContaining({ code: 'undecodable', count: 2, exampleSampleId: 'item-0.0' }));
    expect(valuesOf(columns, 'shapes.right')?.[0]).toBeNaN();
  });

  it('that lie outside the declared range are failures of the infrastructure, not scores', async () => {
    const columns = await columnsWith([evaluated(0, { values: { 'shapes.right': 1.2 } })]);

    expect(valuesOf(columns, 'shapes.right')?.[0]).toBeNaN();
    expect(columns.failures).toContainEqual(expect.objectContaining({ class: 'infra', code: 'metric-out-of-range', count: 1 }));
  });
});

describe('a file that is not what was written', () => {
  const good = () => JSON.stringify(succeededRow({ itemId: 'item-0', ordinal: 0 }, { text: 'x' }));

  it.each([
    ['a torn line', () => `${good()}\n${good().slice(0, 50)}`, 2],
    ['a row without its state', () => `${JSON.stringify({ ...JSON.parse(good()), state: undefined })}\n`, 1],
    ['an ordinal beyond the plan', () => good().replace('"ordinal":0', '"ordinal":40'), 1],
    ['an item in the place of another', () => good().replaceAll('item-0', 'item-3'), 1],
    ['a sample id of another item', () => good().replace('"sampleId":"item-0.0"', '"sampleId":"item-1.0"'), 1],
    ['bytes that are no text', () => Buffer.from([0x7b, 0xff, 0xfe, 0x0a]), 1],
  ])('is refused with key and line: %s', async (_, body, line) => {
    await putTextItems();
    const job = textJob('j');
    await objects.put(keys.samplePart('run-1', 'j', 1, 1), body());

    await expect(collectJobColumns(objects, job)).rejects.toMatchObject({
      code: 'corrupt-row',
      kind: 'environment',
      message: expect.stringContaining(`line ${line} of runs/run-1/jobs/j/samples/1-1.jsonl`),
    });
  });

  it('costs its own job the scores, and no other', async () => {
    await putTextItems();
    const [torn, whole] = [textJob('torn'), textJob('whole')];
    await objects.put(keys.samplePart('run-1', 'torn', 1, 1), good().slice(0, 50));
    await putAnswers(whole, truth);

    const { jobs, ranking } = await scoreStoredRun([torn, whole], byCer);

    expect(jobs.map(({ jobId, succeeded, missing }) => [jobId, succeeded, missing])).toEqual([
      ['torn', 0, 40],
      ['whole', 40, 0],
    ]);
    expect(ranking.entries.map(({ jobId, value }) => [jobId, value])).toEqual([
      ['whole', 0],
      ['torn', null],
    ]);
  });

  it('is refused where the references end early', async () => {
    await putTextItems();
    await objects.put(keys.references('run-1'), `${JSON.stringify({ id: 'item-0', reference: { text: 'x' } })}\n`);

    await expect(collectJobColumns(objects, textJob('j'))).rejects.toMatchObject({
      code: 'corrupt-row',
      message: expect.stringContaining('line 2 of runs/run-1/references.jsonl'),
    });
  });

  it('is refused where the items are not those of the plan', async () => {
    await putItems(objects, [{ id: 'only' }]);

    await expect(readSuiteColumns(objects, textJob('j'), [])).rejects.toMatchObject({ code: 'corrupt-row' });
  });
});

describe('the columns of a suite', () => {
  it('order items by id, whatever the order of issue, and number categories by value', async () => {
    await putItems(objects, [{ id: 'c', attributes: { size: 'small' } }, { id: 'a', attributes: { size: 'large' } }, { id: 'b' }]);

    const suite = await readSuiteColumns(objects, jobOf('j', 3), ['size']);

    expect([...suite.order]).toEqual([1, 2, 0]);
    expect(suite.categories).toEqual([{ attribute: 'size', values: ['large', 'small'], codes: Uint16Array.from([1, 0, 0xffff]) }]);
  });

  it('find the truth of any of many items, in any order', async () => {
    const many = Array.from({ length: 20_500 }, (_, index) => ({ id: `item-${index}`, reference: { value: index } }));
    await putItems(objects, many);
    const job = jobOf('j', many.length, { builtinScorers: ['numbers'] });
    const picked = [20_499, 0, 255, 256, 257, 10_000, 20_223, 20_224, 1];
    await putRows(
      objects,
      job,
      picked.map((ordinal) => succeededRow({ itemId: `item-${ordinal}`, ordinal }, { value: ordinal + 1 })),
    );

    const { metrics } = await collectJobColumns(objects, job);

    const [mae] = metrics;
    const errors = picked.map((slot) => (mae?.kind === 'mae' ? mae.numbers.predictions[slot]! - mae.numbers.references[slot]! : null));
    expect(errors).toEqual(picked.map(() => 1));
    expect(mae?.kind === 'mae' && mae.numbers.references[12_345]).toBe(12_345);
  });
});
