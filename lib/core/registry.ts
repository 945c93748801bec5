/**
 * What is registered on this machine, as a value: packages and suites with their digests. Adapters read it from folders;
 * parsing and planning receive it. Nothing here touches a file.
 */
import type { BakeoffError } from './errors.ts';
import type { EvaluatorManifest, ModelManifest } from './manifest.ts';
import type { SuiteItem, SuiteManifest } from './suite.ts';

export interface RegisteredModel {
  readonly manifest: ModelManifest;
  /** Identity of the package: see docs/how-samples-are-identified.md. */
  readonly digest: string;
  readonly folder: string;
}

export interface RegisteredEvaluator {
  readonly manifest: EvaluatorManifest;
  readonly digest: string;
  readonly folder: string;
}

export interface RegisteredSuite {
  readonly manifest: SuiteManifest;
  readonly digest: string;
  readonly folder: string;
  readonly itemCount: number;
  /** Every attribute with the values that occur, sorted. */
  readonly attributes: Readonly<Record<string, readonly string[]>>;
  readonly items: readonly SuiteItem[];
}

/** A folder that looks like a package or a suite and cannot be used. It matters only to those who name it. */
export interface RegistryFault {
  readonly kind: 'package' | 'suite';
  /** The folder's name, or the path under which a spec names the suite. */
  readonly id: string;
  readonly folder: string;
  readonly error: BakeoffError;
}

export interface Registry {
  readonly models: ReadonlyMap<string, RegisteredModel>;
  readonly evaluators: ReadonlyMap<string, RegisteredEvaluator>;
  /** By id, and by path for a suite that a spec names by its path. */
  readonly suites: ReadonlyMap<string, RegisteredSuite>;
  readonly faults: readonly RegistryFault[];
}
