/**
 * Compares the files that a package pins (weights, data) with their digests, before its server starts. Called by the compute.
 */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { BakeoffError } from '../../../core/errors.ts';
import type { LocalPackage } from './local-package.ts';

/** Throws `package-file-missing` or `package-file-corrupt`, naming the file, what was found and what was expected. */
export async function verifyPinnedFiles({ manifest, folder }: LocalPackage): Promise<void> {
  for (const pinned of [...manifest.weights, ...manifest.files]) {
    const path = join(folder, pinned.path);
    const found = await stat(path).catch(() => null);
    if (found === null || !found.isFile()) {
      throw fileError('package-file-missing', `${manifest.id}: ${path} is missing; the manifest pins it (${pinned.bytes} bytes)`);
    }
    if (found.size !== pinned.bytes) {
      throw fileError('package-file-corrupt', `${manifest.id}: ${path} has ${found.size} bytes; the manifest pins ${pinned.bytes}`);
    }
    const digest = await digestOfFile(path);
    if (digest !== pinned.sha256) {
      throw fileError('package-file-corrupt', `${manifest.id}: ${path} has SHA-256 ${digest}; the manifest pins ${pinned.sha256}`);
    }
  }
}

async function digestOfFile(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path)) hash.update(chunk);
  return hash.digest('hex');
}

function fileError(code: string, message: string): BakeoffError {
  return new BakeoffError({
    code,
    message,
    remedy: 'Restore the file from the repository, or write its digest and size into model.yaml if the change is meant.',
    kind: 'environment',
  });
}
