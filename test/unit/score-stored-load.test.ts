/** Stored rows of loads become scores: attempts of an open loop, and a duration that ends a closed one. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { fileObjectStore } from '../../lib/adapters/local/file-object-store.ts';
import type { ObjectStore } from '../../lib/core/ports.ts';
import { scoreRun } from '../../lib/core/score-run.ts';
import { jobScoresSchema } from '../../lib/core/scores.ts';
import { readRunColumns, scoreStoredJob } from '../../lib/workflow/score-stored-run.ts';
import { closedJob, openJob, openRow, POISSON } from '../fixtures/scoring/load-rows.ts';
import { failedRow, putItems, putRows, succeededRow } from '../fixtures/scoring/stored-run.ts';

let folder: string;
let objects: ObjectStore;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'bakeoff-load-'));
  objects = fileObjectStore(folder);
  await putItems(
    objects,
    Array.from({ length: ITEMS }, (_, index) => ({ id: `item-${index}`, reference: { text: 'yes' } })),
  );
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const ITEMS = 30;
const options = { confidence: 0.95, score: { kind: 'rankBy', metric: 'text.exact-match' }, contended: false, categories: [] } as const;
const scorers = { builtinScorers: ['latency', 'text'] };

describe('an open loop that was started twice', () => {
  const job = openJob(ITEMS, scorers);
  const answered = (ordinal: number, attempt: number, text: string) =>
    openRow(ordinal, { attempt, dueMs: 50 * ordinal, doneMs: 50 * ordinal + 10 * attempt }, { output: { text } });

  it('has the quality of every first answer and the load of the last attempt', async () => {
    await putRows(
      objects,
      job,
      Array.from({ length: 12 }, (_, ordinal) => answered(ordinal, 1, 'no')),
      1,
    );
    await putRows(
      objects,
      job,
      Array.from({ length: ITEMS }, (_, ordinal) => answered(ordinal, 2, 'yes')),
      2,
    );

    const scores = await scoreStoredJob(objects, job, options);

    expect(jobScoresSchema.parse(scores)).toEqual(scores);
    expect(scores).toMatchObject({ planned: ITEMS, succeeded: ITEMS, missing: 0 });
    expect(scores.metrics.find(({ name }) => name === 'text.exact-match')).toMatchObject({ value: 18 / 30, n: 30 });
    expect(scores.latency).toMatchObject({ n: ITEMS, mean: 20, attempts: 1, schedule: { sent: ITEMS, kept: true } });
  });

  it('plans its arrivals, not what the suite has beyond them', async () => {
    const few = openJob(ITEMS, { ...scorers, load: { ...POISSON, arrivals: 12 } });
    await putRows(
      objects,
      few,
      Array.from({ length: 11 }, (_, ordinal) => answered(ordinal, 1, 'yes')),
      1,
    );

    const scores = await scoreStoredJob(objects, few, options);

    expect(scores).toMatchObject({ planned: 12, succeeded: 11, missing: 1 });
    expect(scores.metrics[0]).toMatchObject({ planned: 12, n: 11 });
  });

  it('is not on the Pareto chart, with the reason', async () => {
    await putRows(
      objects,
      job,
      Array.from({ length: ITEMS }, (_, ordinal) => answered(ordinal, 1, 'yes')),
      1,
    );
    const { jobs, suite } = await readRunColumns(objects, [job], []);

    expect(scoreRun(jobs, suite, options).pareto).toMatchObject({
      points: [],
      leftOut: [{ jobId: 'j', reason: expect.stringMatching(/^open-loop/) }],
    });
  });
});

describe('a closed load with a duration', () => {
  const rowAt = (ordinal: number, sentMs: number) => {
    const times = { scheduledMs: sentMs, sentMs, firstByteMs: null, doneMs: sentMs + 100, latencyMs: 100 };
    return succeededRow({ itemId: `item-${ordinal}`, ordinal }, { text: 'yes' }, 100, { timings: times });
  };
  const job = (durationMs: number) => closedJob(ITEMS, { durationMs }, scorers);

  it('has planned what it came to, once its time was over', async () => {
    // Sent from 500 ms on, after a warm-up on the same clock, to 10,400 ms.
    await putRows(
      objects,
      job(10_000),
      Array.from({ length: 20 }, (_, ordinal) => rowAt(ordinal, 500 + ordinal * 521)),
    );

    expect(await scoreStoredJob(objects, job(10_000), options)).toMatchObject({
      planned: 20,
      succeeded: 20,
      missing: 0,
      metrics: [{ planned: 20 }, {}, {}, {}],
    });
  });

  it('has planned everything where it was stopped before that, and gaps among what was due stay missing', async () => {
    const rows = Array.from({ length: 20 }, (_, ordinal) => rowAt(ordinal, 500 + ordinal * 521)).filter((_, index) => index !== 7);
    await putRows(objects, job(60_000), rows);

    expect(await scoreStoredJob(objects, job(60_000), options)).toMatchObject({ planned: ITEMS, missing: 11 });
    expect(await scoreStoredJob(objects, job(10_000), options)).toMatchObject({ planned: 20, missing: 1 });
  });

  it('keeps its rank against a job that came to everything', async () => {
    const [fast, slow] = [closedJob(ITEMS, { durationMs: 3000 }, scorers), { ...job(3000), jobId: 'slow' }];
    const answer = (ordinal: number, good: boolean) => ({ ...rowAt(ordinal, ordinal * 100), output: { text: good ? 'yes' : 'no' } });
    await putRows(
      objects,
      fast,
      Array.from({ length: ITEMS }, (_, ordinal) => answer(ordinal, ordinal % 4 === 0)),
    );
    await putRows(
      objects,
      slow,
      Array.from({ length: 16 }, (_, ordinal) => ({ ...answer(ordinal, ordinal !== 5), timings: rowAt(ordinal, ordinal * 200).timings })),
    );
    const { jobs, suite } = await readRunColumns(objects, [fast, slow], []);

    const { ranking } = scoreRun(jobs, suite, options);

    expect(ranking.comparisons[0]).toMatchObject({ verdict: 'b', commonItems: 16, leftOut: 14 });
    expect(ranking.entries.map(({ jobId, rankRange }) => [jobId, rankRange])).toEqual([
      ['slow', [1, 1]],
      ['j', [2, 2]],
    ]);
  });

  it('counts a failed sample that is the last on record as due', async () => {
    const last = failedRow(
      { itemId: 'item-20', ordinal: 20 },
      { timings: { scheduledMs: 9900, sentMs: 9900, firstByteMs: null, doneMs: 10_600, latencyMs: 700 } },
    );
    await putRows(objects, job(10_000), [...Array.from({ length: 20 }, (_, ordinal) => rowAt(ordinal, ordinal * 500)), last]);

    expect(await scoreStoredJob(objects, job(10_000), options)).toMatchObject({ planned: 21, failed: 1, missing: 0 });
  });
});
