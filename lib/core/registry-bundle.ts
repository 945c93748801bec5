/**
 * `registry.json`: the packages of a deployment as its functions know them, without their files. Written at synth beside the suites
 * (lib/compose/registry-bundle.ts), read at run time (lib/adapters/aws/bundled-registry.ts).
 */
import { z } from 'zod';
import { sha256Schema } from './ids.ts';
import { manifestSchema } from './manifest.ts';

export const REGISTRY_FILE = 'registry.json';
/** Folder beside it: one folder per suite. */
export const SUITES_FOLDER = 'suites';

export const registryBundleSchema = z.object({
  schema: z.literal(1),
  softwareVersion: z.string(),
  packages: z.array(z.object({ manifest: manifestSchema, digest: sha256Schema })),
});
export type RegistryBundle = z.infer<typeof registryBundleSchema>;
