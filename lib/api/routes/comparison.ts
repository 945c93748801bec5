/** Two runs compared, paired by sample. */
import { z } from 'zod';
import { idSchema } from '../../core/ids.ts';
import { planSchema } from '../../core/job.ts';
import { keys } from '../../core/object-key.ts';
import { METRIC_PATTERN } from '../../core/spec.ts';
import { compareRuns } from '../../workflow/compare-runs.ts';
import { ANSWER_BOUNDS } from '../answer-bounds.ts';
import { knownRun } from '../known-records.ts';
import type { ApiPorts } from '../ports.ts';
import { problemOf } from '../problems.ts';
import { type ApiRoute, defineRoute } from '../route.ts';
import { runComparisonSchema } from '../../core/run-comparison.ts';
import { readIfStored } from '../../workflow/stored-objects.ts';

const compare = defineRoute({
  method: 'get',
  path: '/v1/runs/{a}/compare/{b}',
  operationId: 'compareRuns',
  tag: 'results',
  summary: 'Compare the jobs that two runs share, paired by sample',
  description: 'Jobs are matched by model and params. Whatever else differs between the runs is told as a warning.',
  params: z.strictObject({ a: idSchema, b: idSchema }),
  query: z.strictObject({ metric: z.string().max(200).regex(METRIC_PATTERN).optional() }),
  success: { status: 200, schema: runComparisonSchema, description: 'The comparison' },
  problems: ['run-missing', 'run-not-planned', 'comparison-too-large', 'not-acceptable'],
  handle: async ({ params, query }, ports) => {
    const [a, b] = [await plannedRun(ports, params.a), await plannedRun(ports, params.b)];
    return { kind: 'json', body: await compareRuns(ports.objects, { a, b }, { metric: query.metric ?? null, bounds: ANSWER_BOUNDS }) };
  },
});

async function plannedRun(ports: ApiPorts, runId: string) {
  const run = await knownRun(ports, runId);
  if ((await readIfStored(ports.objects, keys.plan(runId), planSchema)) !== null) return run;
  throw problemOf(
    'run-not-planned',
    `run ${runId} has no plan (it is ${run.state}): there is nothing to compare`,
    'Compare runs that were planned.',
  );
}

export const COMPARISON_ROUTES: readonly ApiRoute[] = [compare];
