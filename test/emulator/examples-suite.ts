/** The three example specs, uploaded to S3 at once: they run beside each other, end well, and score as on this host alone. */
import { beforeAll, describe, expect, it } from 'vitest';
import type { Run } from '../../lib/api/schemas/run.ts';
import { qualityOfRun, runInState, storedRows, type Upload, uploadSpec } from './deployed-runs.ts';
import { EXAMPLES, type Example } from './reference-runs.ts';
import { exampleText } from './specs.ts';
import type { World } from './world.ts';

export function examplesSuite(world: () => World, started: Map<Example, Promise<Upload>>): void {
  describe('the example specs, uploaded to S3', () => {
    const ended = new Map<Example, Promise<Run>>();
    beforeAll(async () => {
      world().references();
      for (const example of EXAMPLES) {
        const upload = started.get(example) ?? uploadSpec(world(), `${example}.yaml`, exampleText(example));
        started.set(example, upload);
        const run = upload.then(({ runId }) => runInState(world(), runId, ['succeeded'], 600_000));
        run.catch(() => undefined);
        ended.set(example, run);
      }
    });

    it.each(EXAMPLES)(
      '%s ends succeeded, with every sample recorded once',
      async (example) => {
        const run = await ended.get(example)!;
        expect(run.plan).not.toBeNull();
        expect(run.jobs.map(({ state }) => state)).toEqual(run.jobs.map(() => 'succeeded'));
        for (const { jobId } of run.jobs) {
          const ids = (await storedRows(world(), run.runId, jobId)).map(({ sampleId }) => sampleId);
          expect(new Set(ids).size).toBe(ids.length);
          expect(ids).toHaveLength(run.plan!.itemCount * run.plan!.repeats);
        }
      },
      700_000,
    );

    it.each(EXAMPLES)(
      '%s scores as `bakeoff run` does on this host',
      async (example) => {
        const run = await ended.get(example)!;
        const [deployed, reference] = [await qualityOfRun(world(), run), await world().references().get(example)!];
        expect([...deployed.keys()].sort()).toEqual([...reference.keys()].sort());
        for (const [jobId, scores] of reference) expect(deployed.get(jobId), jobId).toEqual(scores);
      },
      700_000,
    );
  });
}
