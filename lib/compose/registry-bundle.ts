/**
 * Writes what is registered on this machine into a folder that travels with the functions: manifests and digests of the chosen packages,
 * and the suites with their files. bin/app.ts calls it at synth.
 */
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { readRegistry } from '../adapters/local/registry.ts';
import { BakeoffError } from '../core/errors.ts';
import type { Manifest } from '../core/manifest.ts';
import type { RegisteredSuite, Registry } from '../core/registry.ts';
import { REGISTRY_FILE, type RegistryBundle, SUITES_FOLDER } from '../core/registry-bundle.ts';
import { packageVersionSchema } from './package-version.ts';

export interface BundleOptions {
  /** The folder that holds `models/`, `examples/` and `package.json`. */
  readonly root: string;
  /** Ids of packages that become part of the deployment. */
  readonly packages: readonly string[];
  /** Emptied and made. */
  readonly folder: string;
}

export interface BundledPackage {
  readonly manifest: Manifest;
  readonly digest: string;
}

/** The packages, for their task definitions. Throws `package-not-registered`, or the error of a package or a suite that is broken. */
export async function writeRegistryBundle({ root, packages, folder }: BundleOptions): Promise<readonly BundledPackage[]> {
  const registry = await readRegistry({ root });
  const broken = registry.faults.find(({ kind, id }) => kind === 'suite' || packages.includes(id));
  if (broken !== undefined) throw broken.error;
  const chosen = packages.map((id) => chosenPackage(id, registry));
  const { version } = packageVersionSchema.parse(JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')));
  const bundle: RegistryBundle = { schema: 1, softwareVersion: version, packages: chosen };
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(join(folder, SUITES_FOLDER), { recursive: true });
  writeFileSync(join(folder, REGISTRY_FILE), `${JSON.stringify(bundle)}\n`);
  for (const suite of new Set(registry.suites.values())) copySuite(suite, join(folder, SUITES_FOLDER, suite.manifest.id));
  return chosen;
}

function chosenPackage(id: string, registry: Registry): BundledPackage {
  const found = registry.models.get(id) ?? registry.evaluators.get(id);
  if (found !== undefined) return { manifest: found.manifest, digest: found.digest };
  throw new BakeoffError({
    code: 'package-not-registered',
    message: `the settings name the package "${id}"; models/ has ${[...registry.models.keys(), ...registry.evaluators.keys()].sort().join(', ')}`,
    remedy: 'Correct the list of packages in cdk.json.',
  });
}

/** What the reader of suites reads, and no more. */
function copySuite(suite: RegisteredSuite, to: string): void {
  const files = suite.items.flatMap((item) => (item.input.files ?? []).map(({ path }) => path));
  for (const path of ['suite.yaml', suite.manifest.items, ...new Set(files)]) {
    mkdirSync(dirname(join(to, path)), { recursive: true });
    cpSync(join(suite.folder, path), join(to, path));
  }
}
