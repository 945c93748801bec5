/** The CLI against the deployment, each verb in a process of its own, as a user calls it. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { containersOfRun, runInState, type Upload } from './deployed-runs.ts';
import type { Example } from './reference-runs.ts';
import { BROKEN_SPEC, quickSpec, slowSpec } from './specs.ts';
import { waitFor } from './wait-for.ts';
import { WORK_FOLDER } from './work-folder.ts';
import type { World } from './world.ts';

export function cliSuite(world: () => World, started: ReadonlyMap<Example, Promise<Upload>>): void {
  describe('the CLI against the deployment', () => {
    it('submits a spec, watches its run to the end, and has it judged by its own gates and by others', async () => {
      const mae = { metric: 'numbers.mae', model: 'mean-baseline' };
      const submitted = await world().cli('submit', specFile('submitted', quickSpec('submitted', [{ ...mae, max: 1000 }])), '--json');
      expect(submitted.exitCode, submitted.stderr).toBe(0);
      const { runId } = JSON.parse(submitted.stdout) as { runId: string };
      const watched = await world().cli('watch', runId, '--json');
      expect(watched.exitCode, watched.stderr).toBe(0);
      expect(JSON.parse(watched.stdout)).toMatchObject({ runId, state: 'succeeded', gates: { outcome: 'passed', judgements: [{}] } });
      const gates = specFile('gates', JSON.stringify({ gates: [{ ...mae, max: 0.001 }] }));
      const judged = await world().cli('gate', runId, '--gates', gates, '--json');
      expect([judged.exitCode, JSON.parse(judged.stdout).outcome], judged.stderr).toEqual([1, 'failed']);
    });

    it('lists and shows runs, and fetches a report', async () => {
      const { runId } = await started.get('diabetes')!;
      const list = await world().cli('list', '--json');
      expect(list.exitCode, list.stderr).toBe(0);
      expect(list.stdout).toContain(runId);
      const show = await world().cli('show', runId, '--json');
      expect(show.exitCode, show.stderr).toBe(0);
      expect(JSON.parse(show.stdout)).toMatchObject({ runId, state: 'succeeded' });
      const report = await world().cli('report', runId, '--json');
      expect(report.exitCode, report.stderr).toBe(0);
    });

    it('refuses a spec that is not valid, before anything starts', async () => {
      const end = await world().cli('submit', specFile('broken', BROKEN_SPEC), '--json');
      expect(end.exitCode).toBe(2);
    });

    it('cancels a run in flight', async () => {
      const submitted = await world().cli('submit', specFile('to-cancel', slowSpec('to-cancel', 40)), '--json');
      const { runId } = JSON.parse(submitted.stdout) as { runId: string };
      await waitFor('containers of the run', async () => (await containersOfRun(world(), runId)).length === 2);
      const cancelled = await world().cli('cancel', runId, '--json');
      expect(cancelled.exitCode, cancelled.stderr).toBe(0);
      await runInState(world(), runId, ['cancelled']);
      await waitFor('no container of the run', async () => (await containersOfRun(world(), runId)).length === 0);
    });
  });
}

function specFile(name: string, text: string): string {
  const path = join(WORK_FOLDER, `${name}.yaml`);
  writeFileSync(path, text);
  return path;
}
