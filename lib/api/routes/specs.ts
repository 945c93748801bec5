/** Checks a spec without starting anything. */
import { z } from 'zod';
import { expandEntry, modelOfEntry } from '../../core/expand-models.ts';
import type { Registry } from '../../core/registry.ts';
import { planRun } from '../../core/plan.ts';
import type { Spec } from '../../core/spec.ts';
import { type ApiRoute, defineRoute } from '../route.ts';
import { specValidationSchema } from '../schemas/spec-validation.ts';
import { parseSpecBody, SPEC_BODY } from '../spec-body.ts';

const validateSpec = defineRoute({
  method: 'post',
  path: '/v1/specs/validate',
  operationId: 'validateSpec',
  tag: 'specs',
  summary: 'Tell what a spec would run, or all of its problems',
  params: z.strictObject({}),
  query: z.strictObject({}),
  accepts: SPEC_BODY,
  success: { status: 200, schema: specValidationSchema, description: 'What the spec would run, or all of its problems' },
  problems: ['body-too-large', 'media-type-unsupported', 'not-acceptable'],
  handle: async ({ body }, ports) => {
    const { parsed, registry } = await parseSpecBody(body, ports);
    return { kind: 'json', body: parsed.ok ? planned(parsed.spec, registry) : { valid: false as const, problems: [...parsed.problems] } };
  },
});

function planned(spec: Spec, registry: Registry): z.input<typeof specValidationSchema> {
  const jobs = spec.models.flatMap((entry) => {
    const model = modelOfEntry(entry, registry);
    return model === undefined ? [] : expandEntry(entry, model);
  });
  const { plan } = planRun({ spec, registry, runId: 'preview', softwareVersion: '' });
  return {
    valid: true,
    name: spec.name,
    jobs: jobs.map(({ jobId, model, params }) => ({ jobId, model: model.manifest.id, params: { ...params } })),
    samplesPerJob: plan.itemCount * plan.repeats,
  };
}

export const SPEC_ROUTES: readonly ApiRoute[] = [validateSpec];
