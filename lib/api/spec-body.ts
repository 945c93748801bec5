/** A spec as the body of a request: YAML or JSON, of at most the size that a spec may have. Used by the routes that take one. */
import { MAX_SPEC_BYTES } from '../core/parse-spec-document.ts';
import { specSchema } from '../core/spec.ts';
import type { BodyRule } from './route.ts';

export const SPEC_BODY: BodyRule = {
  mediaTypes: ['application/yaml', 'application/json', 'application/x-yaml', 'text/yaml', 'text/x-yaml'],
  maxBytes: MAX_SPEC_BYTES,
  schema: specSchema.meta({ id: 'Spec' }),
  description: 'The spec, as YAML or as JSON (docs/spec.schema.json).',
};
