/** The page of costs stands on the price sheet, and on the examples as they are planned. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readLocalRegistry } from '../../lib/compose/local-registry.ts';
import { parseSpec } from '../../lib/core/parse-spec.ts';
import { planRun } from '../../lib/core/plan.ts';
import { costsPage, EXAMPLE_RUNS } from '../../lib/infra/costs-page.ts';
import { goldenTemplates } from './golden-templates.ts';

const root = join(import.meta.dirname, '../..');

describe('the page of costs', () => {
  it.each(Object.entries(EXAMPLE_RUNS))('counts the example %s as it is planned', async (name, size) => {
    const registry = await readLocalRegistry({ root, extraModelFolders: [], suitePaths: [] });
    const parsed = parseSpec(readFileSync(join(root, `examples/${name}.yaml`)), { registry });
    if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
    const { plan, jobs } = planRun({ spec: parsed.spec, registry, runId: 'run', softwareVersion: '0' });
    const makesVideos = plan.suite.task === 'text-to-video';
    expect(size).toMatchObject({ jobs: jobs.length, samplesPerJob: plan.itemCount * plan.repeats, filesPerSample: makesVideos ? 1 : 0 });
    expect(jobs.every(({ evaluators }) => evaluators.length === size.evaluatorsPerJob)).toBe(true);
  });

  it('says what a deployment costs in which nothing runs: less than a dollar, nothing within the free tier', () => {
    const [, usd, afterFreeTier] =
      /\*\*\$(\d+\.\d\d) a month\*\*[^;]*; \$(\d+\.\d\d) where/.exec(costsPage([...goldenTemplates().values()])) ?? [];
    expect(Number(usd)).toBeLessThan(1);
    expect(Number(afterFreeTier)).toBe(0);
  });

  it('prices 1,000 videos of a minute: 16.67 hours of each machine', () => {
    expect(costsPage([...goldenTemplates().values()])).toContain('| g6.xlarge | L4, 22,888 MiB | $0.8048 | $0.5525 | $13.41 | $9.21 |');
  });
});
