/** The table of how metrics are made of samples agrees with the columns that are made for them. */
import { expect, it } from 'vitest';
import { makingOf } from '../../lib/core/builtin-metrics.ts';
import { BUILTIN_SCORERS } from '../../lib/core/builtin-scorers.ts';
import { worthsOf } from '../../lib/core/composites/battles.ts';
import type { Job } from '../../lib/core/job.ts';
import { createAnswerScorer } from '../../lib/workflow/answer-columns.ts';
import { openLocalStores } from '../../lib/compose/local.ts';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

it('knows of every built-in metric whether a single sample says something', () => {
  const dir = mkdtempSync(join(tmpdir(), 'bakeoff-makings-'));
  const stores = openLocalStores(dir);
  const job = { builtinScorers: [...BUILTIN_SCORERS.keys()], evaluators: [] } as unknown as Job;
  const columns = createAnswerScorer(stores.objects, job, 4, ['a', 'b']).columns();
  stores.close();
  rmSync(dir, { recursive: true, force: true });
  const names = [...BUILTIN_SCORERS].flatMap(([scorer, { metrics }]) => metrics.map(({ name }) => `${scorer}.${name}`));
  expect(columns.map(({ name }) => name).sort()).toEqual(names.sort());
  for (const column of columns) {
    const expected = column.kind === 'mean' ? 'mean' : worthsOf(column) === null ? 'together' : 'sums';
    expect([column.name, makingOf(column.name)]).toEqual([column.name, expected]);
  }
});
