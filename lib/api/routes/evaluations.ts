/** Evaluates the saved outputs of a run again: by scorers that it was not scored by, or by other versions of those it was. */
import { z } from 'zod';
import { jsonOrNull } from '../../core/json-or-null.ts';
import { idSchema } from '../../core/ids.ts';
import { type BodyRule, type ApiRoute, defineRoute } from '../route.ts';
import { problemOf } from '../problems.ts';
import { runPath } from '../run-view.ts';
import { startedEvaluationSchema } from '../schemas/run.ts';

const wishSchema = z
  .strictObject({
    scorers: z.array(z.string().min(1).max(64)).min(1).max(50).meta({ description: 'Names of scorers, as in a spec.' }),
    again: z.boolean().default(false).meta({ description: 'Evaluate once more by evaluators that have evaluated every output already.' }),
  })
  .meta({ id: 'EvaluationRequest', description: 'By what the outputs of a run are evaluated again.' });

const BODY: BodyRule = {
  mediaTypes: ['application/json'],
  maxBytes: 16 * 1024,
  schema: wishSchema,
  description: 'The scorers.',
};

const evaluateRun = defineRoute({
  method: 'post',
  path: '/v1/runs/{id}/evaluations',
  operationId: 'evaluateRun',
  tag: 'runs',
  summary: 'Evaluate the saved outputs of a run again',
  description:
    'A new pass over the outputs of a run that is over; nothing is sent to a model. Asked again before it is at its end, it goes on where it ' +
    'stopped. Of two passes with one scorer the later counts; report.json lists them under `evaluations`.',
  params: z.strictObject({ id: idSchema }),
  query: z.strictObject({}),
  accepts: BODY,
  success: { status: 202, schema: startedEvaluationSchema, description: 'The start that evaluates, and the pass' },
  problems: [
    ...(['run-missing', 'run-live', 'run-rejected', 'run-not-planned', 'run-unfinished', 'already-scored', 'evaluation-invalid'] as const),
    ...(['no-class-fits', 'record-contended', 'bad-body', 'body-too-large', 'media-type-unsupported', 'not-acceptable'] as const),
  ],
  handle: async ({ params, body, link }, ports) => {
    const parsed = wishSchema.safeParse(jsonOrNull(Buffer.from(body).toString('utf8')));
    if (!parsed.success) throw badBody(parsed.error.issues[0]);
    const { start, evaluation } = await ports.evaluate(params.id, parsed.data);
    const self = link(runPath(params.id));
    return { kind: 'json', body: { runId: params.id, start, evaluation, links: { self } }, location: self };
  },
});

function badBody(issue: { readonly path: readonly PropertyKey[]; readonly message: string } | undefined) {
  const where = issue === undefined || issue.path.length === 0 ? 'the body' : `"${issue.path.map(String).join('.')}"`;
  const message = `${where} is not what it must be: ${issue?.message ?? 'no JSON'}`.slice(0, 500);
  return problemOf('bad-body', message, 'Send {"scorers": ["<name>", …]}.');
}

export const EVALUATION_ROUTES: readonly ApiRoute[] = [evaluateRun];
