/**
 * A frozen clip and a noise clip, shown as if they were models: neither wins any ranked column of the text-to-video example. The
 * frozen one is the oracle's package with every frame replaced by the first.
 */
import { cpSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { keys } from '../../lib/core/object-key.ts';
import type { Report } from '../../lib/report/report-model.ts';
import { ROOT, runCli } from './run-cli.ts';

const work = mkdtempSync(join(tmpdir(), 'bakeoff-references-off-'));
let report: Report;

function makeFrozen(): string {
  const folder = join(work, 'packages', 'frozen-t2v');
  cpSync(join(ROOT, 'models/oracle-t2v'), folder, { recursive: true });
  const manifest = readFileSync(join(folder, 'model.yaml'), 'utf8')
    .replace('id: oracle-t2v', 'id: frozen-t2v')
    .replace('reference: true', 'reference: false');
  writeFileSync(join(folder, 'model.yaml'), manifest);
  const oracle = readFileSync(join(folder, 'oracle.py'), 'utf8');
  const frozen = oracle.replace(/^( *)frames = (.+)$/m, '$1frames = $2\n$1frames = frames[:1].repeat(len(frames), axis=0)');
  expect(frozen).not.toBe(oracle);
  writeFileSync(join(folder, 'oracle.py'), frozen);
  return join(work, 'packages');
}

beforeAll(async () => {
  const spec = {
    apiVersion: 'bakeoff/v1',
    name: 'references-off',
    suite: 'shapes',
    models: [
      { model: 'pocket-t2v', params: { steps: 4 } },
      { model: 'frozen-t2v' },
      { model: 'noise-t2v', reference: false },
      { model: 'oracle-t2v', reference: false },
    ],
    samples: { seed: 42, limit: 12 },
    scorers: ['shapes', 'video'],
    score: { profile: 'weighted', weights: { 'shapes.all-correct': 0.7, 'shapes.area-stability': 0.3 } },
  };
  writeFileSync(join(work, 'spec.json'), JSON.stringify(spec));
  const end = await runCli(['run', join(work, 'spec.json'), '--dir', join(work, 'out'), '--json'], { BAKEOFF_MODELS: makeFrozen() });
  expect(end.exitCode, end.stderr).toBe(0);
  const { runId } = JSON.parse(end.stdout);
  report = JSON.parse(readFileSync(join(work, 'out', keys.report(runId, 'report.json')), 'utf8'));
}, 300_000);

/** Column -> model -> value, for every column with a direction. */
function rankedColumns(): Map<string, Map<string, number>> {
  const columns = new Map<string, Map<string, number>>();
  for (const job of report.jobs) {
    const scores = [...(job.scores?.metrics ?? []), ...(job.scores?.total == null ? [] : [job.scores.total])];
    for (const score of scores.filter(({ info }) => info.direction !== 'none')) {
      const signed = (score.value ?? Number.NaN) * (score.info.direction === 'lower' ? -1 : 1);
      columns.set(score.name, (columns.get(score.name) ?? new Map()).set(job.model.id, signed));
    }
  }
  return columns;
}

describe('with the reference flag off', () => {
  it('ranks all four', () => {
    expect(report.ranking.entries.filter((entry) => entry.rank !== null)).toHaveLength(4);
  });

  it.each(['frozen-t2v', 'noise-t2v'])('%s wins no ranked column', (model) => {
    const columns = rankedColumns();
    expect(columns.size).toBeGreaterThanOrEqual(8);
    for (const [name, values] of columns) {
      expect(values.get(model), name).toBeLessThan(values.get('oracle-t2v') ?? Number.NaN);
      expect(values.get(model), name).toBeLessThan(values.get('pocket-t2v') ?? Number.NaN);
    }
  });
});
