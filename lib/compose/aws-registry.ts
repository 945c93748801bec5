/**
 * The registry of a deployment: the bundle beside the function's code, images registered since, and the suite that a spec names where it
 * was uploaded. Used by the launcher, Plan and the API.
 */
import { randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { packagesOf, readRegistryBundle } from '../adapters/aws/bundled-registry.ts';
import { fetchSuite } from '../adapters/aws/uploaded-suite.ts';
import { readSuite } from '../adapters/local/read-suite.ts';
import { readSuites } from '../adapters/local/registry.ts';
import { BakeoffError, messageOf } from '../core/errors.ts';
import { ID_PATTERN } from '../core/ids.ts';
import type { ModelStore, ObjectStore } from '../core/ports.ts';
import type { RegisteredSuite, Registry, RegistryFault } from '../core/registry.ts';
import { type RegistryBundle, SUITES_FOLDER } from '../core/registry-bundle.ts';

export interface AwsRegistry {
  /** `suite`: as a spec names it; null where none is asked for. */
  readonly read: (suite: string | null) => Promise<Registry>;
  readonly softwareVersion: () => Promise<string>;
  /** Removes what was brought for suites: at the end of an invocation, since a function's disk outlives it. */
  readonly release: () => Promise<void>;
}

export interface AwsRegistryOptions {
  /** Folder of the bundle. */
  readonly folder: string;
  readonly objects: Pick<ObjectStore, 'list' | 'read'>;
  readonly models: Pick<ModelStore, 'listImages'>;
}

/** Once per process. What was bundled is read once; images and uploaded suites may change between two calls. */
export function awsRegistry({ folder, objects, models }: AwsRegistryOptions): AwsRegistry {
  let bundled: Promise<{ readonly bundle: RegistryBundle; readonly suites: Registry['suites']; readonly faults: readonly RegistryFault[] }>;
  const brought: string[] = [];
  const once = (): typeof bundled => {
    bundled ??= readBundled(folder);
    return bundled;
  };
  return {
    read: async (name) => {
      const { bundle, suites, faults } = await once();
      const packages = await packagesOf(bundle, models);
      if (name === null || suites.has(name) || !ID_PATTERN.test(name)) return { ...packages, suites, faults };
      const uploaded = await readUploaded(name, objects, brought);
      if (uploaded === null) return { ...packages, suites, faults };
      if ('fault' in uploaded) return { ...packages, suites, faults: [...faults, uploaded.fault] };
      return { ...packages, suites: new Map([...suites, [name, uploaded.suite]]), faults };
    },
    softwareVersion: async () => (await once()).bundle.softwareVersion,
    release: async () => {
      for (const path of brought.splice(0)) await rm(path, { recursive: true, force: true });
    },
  };
}

async function readBundled(folder: string) {
  const faults: RegistryFault[] = [];
  const suites = await readSuites(join(folder, SUITES_FOLDER), [], faults);
  return { bundle: await readRegistryBundle(folder), suites, faults };
}

/** A folder per call: two calls of one process must not write into each other's. Null when nothing was uploaded under that name. */
async function readUploaded(
  name: string,
  objects: AwsRegistryOptions['objects'],
  brought: string[],
): Promise<{ readonly suite: RegisteredSuite } | { readonly fault: RegistryFault } | null> {
  const own = join(tmpdir(), 'suites', randomUUID());
  const folder = join(own, name);
  brought.push(own);
  try {
    if (!(await fetchSuite(objects, name, folder))) return null;
    return { suite: await readSuite(folder) };
  } catch (thrown) {
    // What is wrong with the suite is the user's to mend; what is wrong with the service passes, and is tried again.
    if (!(thrown instanceof BakeoffError) || !thrown.code.startsWith('suite-')) throw thrown;
    return { fault: { kind: 'suite', id: name, folder: `suites/${name}`, error: withoutFolder(thrown, folder, name) } };
  }
}

/** The user knows the prefix, not the folder of a function. */
function withoutFolder(error: BakeoffError, folder: string, name: string): BakeoffError {
  const { code, remedy, kind } = error;
  return new BakeoffError({ code, message: messageOf(error).replaceAll(folder, `suites/${name}`), remedy, kind });
}
