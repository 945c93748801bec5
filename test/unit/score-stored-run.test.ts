/** A stored run is read back into the scores that its rows stand for. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { fileObjectStore } from '../../lib/adapters/local/file-object-store.ts';
import type { MetricInfo } from '../../lib/core/manifest.ts';
import type { ObjectStore } from '../../lib/core/ports.ts';
import { runScoresSchema } from '../../lib/core/scores.ts';
import { scoreStoredJob, scoreStoredRun } from '../../lib/workflow/score-stored-run.ts';
import { failedRow, jobOf, putEvaluations, putItems, putRows, succeededRow } from '../fixtures/scoring/stored-run.ts';

let folder: string;
let objects: ObjectStore;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'bakeoff-score-'));
  objects = fileObjectStore(folder);
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const byCer = { confidence: 0.95, score: { kind: 'rankBy', metric: 'text.cer' }, contended: false, categories: ['kind'] } as const;
const ids = Array.from({ length: 40 }, (_, index) => `item-${index}`);

async function putTextRun(answers: Record<string, (index: number) => string>) {
  await putItems(
    objects,
    ids.map((id, index) => ({ id, attributes: { kind: index % 2 === 0 ? 'even' : 'odd' }, reference: { text: `line ${index} of text` } })),
  );
  const jobs = Object.keys(answers).map((jobId) => jobOf(jobId, ids.length, { builtinScorers: ['latency', 'text'] }));
  for (const job of jobs) {
    const answer = answers[job.jobId] ?? (() => '');
    const rows = ids.map((itemId, ordinal) => succeededRow({ itemId, ordinal }, { text: answer(ordinal) }, 10 + (ordinal % 7)));
    await putRows(objects, job, rows);
  }
  return jobs;
}

describe('scoring a stored run', () => {
  it('ranks a job that is right above one that errs, with a separable difference', async () => {
    const [good, bad] = await putTextRun({
      good: (index) => `line ${index} of ${index % 5 === 0 ? 'texts' : 'text'}`,
      bad: (index) => `l1ne ${index} of ${index % 2 === 0 ? 'txt' : 'te xt'}`,
    });

    const scores = await scoreStoredRun(objects, [good!, bad!], byCer);

    expect(runScoresSchema.parse(scores)).toEqual(scores);
    expect(scores.ranking.entries.map((entry) => [entry.jobId, entry.rank, entry.rankRange])).toEqual([
      ['good', 1, [1, 1]],
      ['bad', 2, [2, 2]],
    ]);
    expect(scores.ranking.comparisons[0]?.verdict).toBe('a');
    expect(scores.pareto.points.map((point) => point.onFront)).toEqual([true, false]);
  });
});
