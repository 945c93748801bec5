/** A run judged by gates that come with the request, against other runs of the deployment. Stores nothing. */
import { z } from 'zod';
import { against, gateFileSchema } from '../../core/gates/gate-rule.ts';
import { gateVerdictSchema } from '../../core/gates/gate-verdict.ts';
import { parseGates } from '../../core/gates/parse-gates.ts';
import { idSchema } from '../../core/ids.ts';
import { keys } from '../../core/object-key.ts';
import { judgeRun } from '../../workflow/judge-run.ts';
import { readIfStored } from '../../workflow/stored-objects.ts';
import { ANSWER_BOUNDS } from '../answer-bounds.ts';
import { knownRun } from '../known-records.ts';
import { type ApiRoute, defineRoute } from '../route.ts';
import { SPEC_BODY } from '../spec-body.ts';
import { reportSchema } from '../../report/report-model.ts';

const judge = defineRoute({
  method: 'post',
  path: '/v1/runs/{id}/gates',
  operationId: 'judgeRun',
  tag: 'results',
  summary: 'Judge a run by gates',
  description:
    'The verdict on the gates of its own spec is in report.json. A run that is not at its end is not judged: its verdict says so.',
  params: z.strictObject({ id: idSchema }),
  query: z.strictObject({ baseline: idSchema.optional().meta({ description: "A run, or latest: in place of the gates' own." }) }),
  accepts: {
    mediaTypes: SPEC_BODY.mediaTypes,
    maxBytes: SPEC_BODY.maxBytes,
    schema: gateFileSchema.meta({ id: 'Gates' }),
    description: 'The gates, as YAML or as JSON (docs/gates.md).',
  },
  success: { status: 200, schema: gateVerdictSchema, description: 'The verdict, gate by gate and job by job' },
  problems: ['run-missing', 'gates-invalid', 'comparison-too-large', 'body-too-large', 'media-type-unsupported', 'not-acceptable'],
  handle: async ({ params, query, body }, ports) => {
    const parsed = parseGates(body);
    if (!parsed.ok) return { kind: 'gates-invalid', problems: parsed.problems };
    const run = await knownRun(ports, params.id);
    const report =
      run.finishedAtMs === null ? null : await readIfStored(ports.objects, keys.report(run.runId, 'report.json'), reportSchema);
    const gates = against(parsed.gates, query.baseline ?? null);
    return { kind: 'json', body: await judgeRun({ run, report, gates }, ports, ANSWER_BOUNDS) };
  },
});

export const GATE_ROUTES: readonly ApiRoute[] = [judge];
