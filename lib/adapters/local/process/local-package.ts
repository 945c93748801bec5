/**
 * A package on this machine, as the process environment needs it.
 */
import type { Manifest } from '../../../core/manifest.ts';

export interface LocalPackage {
  readonly manifest: Manifest;
  /** SHA-256 over the package's files and the SDK. */
  readonly digest: string;
  /** Absolute. */
  readonly folder: string;
}
