/** Two runs at once, in folders that know nothing of each other: both say that their latencies are contended, and certify none. */
import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { keys } from '../../lib/core/object-key.ts';
import type { Report } from '../../lib/report/report-model.ts';
import { ROOT, runCli } from './run-cli.ts';

async function reportOfRun(): Promise<Report> {
  const dir = mkdtempSync(join(tmpdir(), 'bakeoff-contention-'));
  const end = await runCli(['run', join(ROOT, 'examples/diabetes.yaml'), '--limit', '70', '--dir', dir, '--json']);
  expect(end.exitCode, end.stderr).toBe(0);
  return JSON.parse(readFileSync(join(dir, keys.report(JSON.parse(end.stdout).runId, 'report.json')), 'utf8'));
}

it('labels both of two runs at the same time', async () => {
  for (const report of await Promise.all([reportOfRun(), reportOfRun()])) {
    expect(report.warnings.map(({ code }) => code)).toContain('contended');
    expect(report.pareto.points).toEqual([]);
    for (const job of report.jobs) {
      expect(job.scores?.latency).toMatchObject({ contended: true });
      expect(job.scores?.latency?.percentiles.map(({ certified }) => certified)).toEqual([null, null, null, null, null]);
    }
  }
});
