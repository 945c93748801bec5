/** A spec as the body of a request: what may be sent, and how it is read. Used by the routes that take one. */
import { type ParsedSpec, parseSpec } from '../core/parse-spec.ts';
import { MAX_SPEC_BYTES } from '../core/parse-spec-document.ts';
import type { Registry } from '../core/registry.ts';
import { specSchema } from '../core/spec.ts';
import type { ApiPorts } from './ports.ts';
import type { BodyRule } from './route.ts';

export const SPEC_BODY: BodyRule = {
  mediaTypes: ['application/yaml', 'application/json', 'application/x-yaml', 'text/yaml', 'text/x-yaml'],
  maxBytes: MAX_SPEC_BYTES,
  schema: specSchema.meta({ id: 'Spec' }),
  description: 'The spec, as YAML or as JSON (docs/spec.schema.json).',
};

/** Against what is registered and what the fleet has: the very checks of a launch. */
export async function parseSpecBody(
  body: Uint8Array,
  ports: ApiPorts,
): Promise<{ readonly parsed: ParsedSpec; readonly registry: Registry }> {
  const registry = await ports.readRegistry(body);
  return { registry, parsed: parseSpec(body, { registry, ...(ports.fleet === undefined ? {} : { fleet: ports.fleet }) }) };
}
