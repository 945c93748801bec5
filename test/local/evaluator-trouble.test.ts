/**
 * An evaluator that cannot start, through the real CLI: the answers stay, the job is incomplete with the evaluator's own words, its
 * metrics are absent with a reason and never zero, and what the other evaluator measured stands.
 */
import { cpSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import { keys } from '../../lib/core/object-key.ts';
import { type Report, reportSchema } from '../../lib/report/report-model.ts';
import { processesOf } from './process-scan.ts';
import { type CliEnd, ROOT, runCli } from './run-cli.ts';

const work = mkdtempSync(join(tmpdir(), 'bakeoff-evaluator-'));
const dir = join(work, 'out');
let end: CliEnd;
let report: Report;

function makeBroken(): string {
  const folder = join(work, 'packages', 'eval-broken');
  cpSync(join(ROOT, 'models/eval-video'), folder, { recursive: true, filter: (path) => !path.includes('__pycache__') });
  const manifest = readFileSync(join(folder, 'model.yaml'), 'utf8').replace('id: eval-video', 'id: eval-broken');
  writeFileSync(join(folder, 'model.yaml'), manifest.replace(/^ {2}(shapes|video):$/gm, '  broken-$1:'));
  writeFileSync(join(folder, 'adapter.py'), 'import sys\nsys.exit("the reference statistics are not there")\n');
  return join(work, 'packages');
}

beforeAll(async () => {
  const models = [{ model: 'noise-t2v', reference: false }];
  const scorers = ['latency', 'broken-shapes', 'video'];
  const spec = { apiVersion: 'bakeoff/v1', name: 'evaluators', suite: 'shapes', models, scorers, samples: { limit: 5 } };
  writeFileSync(join(work, 'spec.json'), JSON.stringify(spec));
  end = await runCli(['run', join(work, 'spec.json'), '--dir', dir, '--json'], { BAKEOFF_MODELS: makeBroken() });
  const { runId } = JSON.parse(end.stdout);
  report = reportSchema.parse(JSON.parse(readFileSync(join(dir, keys.report(runId, 'report.json')), 'utf8')));
}, 300_000);

it('makes the job incomplete, with its last words as the cause', () => {
  expect(end.exitCode).toBe(3);
  const words = expect.stringContaining('the reference statistics are not there');
  expect(report.jobs[0]).toMatchObject({ state: 'incomplete', failure: { class: 'model_error', code: 'server-died', message: words } });
  expect(processesOf(dir)).toEqual([]);
});

it('leaves every answer, and what the other evaluator measured', () => {
  const scores = report.jobs[0]?.scores;
  expect(scores).toMatchObject({ planned: 5, succeeded: 5, failed: 0 });
  expect(scores?.metrics.find(({ name }) => name === 'video.flicker')).toMatchObject({ value: expect.any(Number), n: 5 });
});

it('leaves its own metrics absent, with a reason, and ranks nothing by them', () => {
  const broken = report.jobs[0]?.scores?.metrics.filter(({ name }) => name.startsWith('broken-')) ?? [];
  expect(broken.length).toBeGreaterThan(0);
  for (const { value, reason } of broken) expect([value, reason]).toEqual([null, expect.any(String)]);
  expect(report.ranking.entries.map(({ rank }) => rank)).toEqual([null]);
});
