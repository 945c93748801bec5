/**
 * The package's own manifest, as far as the server needs it: who it is and which params it takes. Read once at start;
 * the params' JSON Schema is the only definition of them.
 */
import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { z } from 'zod';

const manifestSchema = z.object({ id: z.string(), version: z.string(), params: z.record(z.string(), z.unknown()) });

/**
 * @param {URL} path of model.yaml
 * @returns `{id, version, params}`, params being a zod schema that fills in the defaults and refuses unknown names
 */
export function readManifest(path) {
  const { id, version, params } = manifestSchema.parse(parse(readFileSync(path, 'utf8')));
  return { id, version, params: z.fromJSONSchema(params) };
}
