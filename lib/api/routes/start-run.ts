/**
 * Starts a run from a spec in the body. A key makes it repeatable: the same key and body are one run, however often and however concurrently
 * they come, and another body under the key is refused.
 */
import { z } from 'zod';
import { sha256Hex } from '../../core/canonical-json.ts';
import { keys } from '../../core/object-key.ts';
import { readJsonObject } from '../../workflow/read-json-object.ts';
import type { ApiPorts } from '../ports.ts';
import { problemOf } from '../problems.ts';
import { type Answer, defineRoute } from '../route.ts';
import { runPath } from '../run-view.ts';
import { acceptedRunSchema } from '../schemas/run.ts';
import { parseSpecBody, SPEC_BODY } from '../spec-body.ts';
import { readIfStored } from '../../workflow/stored-objects.ts';

const requestSchema = z.object({ schema: z.literal(1), bodySha256: z.string() });

export const startRun = defineRoute({
  method: 'post',
  path: '/v1/runs',
  operationId: 'startRun',
  tag: 'runs',
  summary: 'Start a run from a spec',
  description: 'A spec that is not valid starts nothing and leaves no run; all of its problems are told. Suites are named by their id.',
  params: z.strictObject({}),
  query: z.strictObject({}),
  accepts: SPEC_BODY,
  isIdempotentByKey: true,
  success: { status: 202, schema: acceptedRunSchema, description: 'The run was started' },
  problems: [
    ...(['spec-invalid', 'bad-idempotency-key', 'idempotency-key-reused', 'body-too-large', 'media-type-unsupported'] as const),
    ...(['not-on-one-machine', 'not-acceptable'] as const),
  ],
  handle: async ({ body, isJsonBody, idempotencyKey, link }, ports) => {
    const key = checkedKey(idempotencyKey);
    const runId = ports.runIdOf(key);
    const bodySha256 = sha256Hex(body);
    if (!(await isKnownRequest(runId, bodySha256, ports))) {
      const { parsed } = await parseSpecBody(body, ports);
      if (!parsed.ok) return { kind: 'spec-invalid', problems: parsed.problems };
      await noteRequest(runId, bodySha256, ports);
    }
    const launched = await ports.launch({ runId, specText: body, fileName: isJsonBody ? 'request.json' : 'request.yaml' });
    if (launched.kind === 'rejected') return { kind: 'spec-invalid', problems: launched.problems };
    return accepted(launched.runId, launched.kind, link);
  },
});

function accepted(
  runId: string,
  kind: 'started' | 'already-started',
  link: (path: string) => string,
): Answer<z.input<typeof acceptedRunSchema>> {
  const self = link(runPath(runId));
  return { kind: 'json', body: { runId, kind, links: { self } }, location: self };
}

/** Visible ASCII, at most 128. */
function checkedKey(key: string | undefined): string | null {
  if (key === undefined) return null;
  if (/^[\x21-\x7e]{1,128}$/.test(key)) return key;
  throw problemOf(
    'bad-idempotency-key',
    'the Idempotency-Key is not 1 to 128 visible ASCII characters',
    'Use a key such as a UUID, a new one for each run.',
  );
}

/** True when this key has come with this body before: the spec is not checked again. Throws `idempotency-key-reused`. */
async function isKnownRequest(runId: string, bodySha256: string, { objects }: ApiPorts): Promise<boolean> {
  const known = await readIfStored(objects, keys.request(runId), requestSchema);
  if (known !== null && known.bodySha256 !== bodySha256) throw keyReused();
  return known !== null;
}

/** Whoever writes first decides which body the key stands for. */
async function noteRequest(runId: string, bodySha256: string, { objects }: ApiPorts): Promise<void> {
  const key = keys.request(runId);
  if (await objects.put(key, `${JSON.stringify({ schema: 1, bodySha256 })}\n`, { ifAbsent: true })) return;
  if ((await readJsonObject(objects, key, requestSchema)).bodySha256 !== bodySha256) throw keyReused();
}

function keyReused() {
  return problemOf(
    'idempotency-key-reused',
    'a run was started with this Idempotency-Key and another body',
    'Use a new key for a new run; repeat a request with the very body that it had.',
  );
}
