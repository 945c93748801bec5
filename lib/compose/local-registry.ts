/** The registry of this installation, for verbs that start nothing: kept apart so that they load none of the machinery of a run. */
import { readSuite } from '../adapters/local/read-suite.ts';
import { type RegistryOptions, readRegistry } from '../adapters/local/registry.ts';
import type { RegisteredSuite, Registry } from '../core/registry.ts';

/** Never throws for what a package or a suite holds: see `faults`. */
export function readLocalRegistry(options: RegistryOptions): Promise<Registry> {
  return readRegistry(options);
}

/** One suite by its folder; throws what is wrong with it. */
export function readLocalSuite(folder: string): Promise<RegisteredSuite> {
  return readSuite(folder);
}
