/** Environments for locks that belong to no package: of the SDK, of the tests' own tools. Used by test/package-steps.ts and test/emulator/ministack.ts. */
import type { LocalPackage } from '../lib/adapters/local/process/local-package.ts';
import { evaluatorManifestSchema, type Manifest } from '../lib/core/manifest.ts';

/** A lock file in the guise of a package, so that its environment is built and cached like any other. */
export function lockAsPackage(id: string, folder: string, lock: string): LocalPackage {
  const metric = { name: 'none', unit: '', direction: 'none', range: [null, null], minN: 1, title: '-', description: '' };
  const manifest: Manifest = evaluatorManifestSchema.parse({
    apiVersion: 'bakeoff/v1',
    kind: 'evaluator',
    id,
    version: '1',
    title: id,
    runtime: { python: { version: '3.11', lock }, command: ['python'] },
    requirements: { accelerator: { kind: 'none' }, cpu: 1, memoryMiB: 1, diskMiB: 0, maxConcurrency: 1 },
    license: 'Apache-2.0',
    scorers: { none: { version: '1', metrics: [metric] } },
  });
  return { manifest, digest: '0'.repeat(64), folder };
}
