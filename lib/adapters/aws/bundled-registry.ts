/**
 * The packages of a deployment at run time: those that were bundled at synth, and images registered since. Read once per process as far as
 * it cannot change; lib/compose adds the suites.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ModelStore } from '../../core/ports.ts';
import type { RegisteredEvaluator, RegisteredModel, Registry } from '../../core/registry.ts';
import { REGISTRY_FILE, type RegistryBundle, registryBundleSchema } from '../../core/registry-bundle.ts';

/** A defect of the deployment is a plain error: nobody can mend it but the next deploy. */
export async function readRegistryBundle(folder: string): Promise<RegistryBundle> {
  return registryBundleSchema.parse(JSON.parse(await readFile(join(folder, REGISTRY_FILE), 'utf8')));
}

/** Packages by id. An image does not replace a package of the same id: registering one is refused. */
export async function packagesOf(
  { packages }: RegistryBundle,
  models: Pick<ModelStore, 'listImages'>,
): Promise<Pick<Registry, 'models' | 'evaluators'>> {
  const registered = new Map<string, RegisteredModel>();
  const evaluators = new Map<string, RegisteredEvaluator>();
  for (const { manifest, imageDigest } of await models.listImages())
    registered.set(manifest.id, { manifest, digest: imageDigest, folder: '' });
  for (const { manifest, digest } of packages) {
    if (manifest.kind === 'model') registered.set(manifest.id, { manifest, digest, folder: '' });
    else evaluators.set(manifest.id, { manifest, digest, folder: '' });
  }
  return { models: registered, evaluators };
}
