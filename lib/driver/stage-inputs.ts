/**
 * Brings the input files of a job from the content-addressed cache to the folder that the model may read. Verified while copied,
 * read-only, written aside and renamed, so that a file that is there is whole.
 */
import { createHash } from 'node:crypto';
import { chmod, mkdir, open, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { BakeoffError } from '../core/errors.ts';
import type { FrozenItem } from '../core/job.ts';
import { keys } from '../core/object-key.ts';
import type { ObjectStore } from '../core/ports.ts';

/** Each digest once, as `<inputsDir>/<sha256>`. Throws `cache-corrupt`. */
export async function stageInputs(objects: ObjectStore, items: readonly FrozenItem[], inputsDir: string): Promise<void> {
  const digests = new Set(items.flatMap((item) => item.input.files?.map((file) => file.sha256) ?? []));
  if (digests.size > 0) await mkdir(inputsDir, { recursive: true });
  for (const sha256 of digests) {
    const path = join(inputsDir, sha256);
    if ((await stat(path).catch(() => null)) === null) await copyVerified(objects, sha256, path);
  }
}

async function copyVerified(objects: ObjectStore, sha256: string, path: string): Promise<void> {
  const aside = `${path}.${process.pid}`;
  const hash = createHash('sha256');
  const file = await open(aside, 'w', 0o644);
  try {
    for await (const chunk of objects.read(keys.cached(sha256))) {
      hash.update(chunk);
      await file.writeFile(chunk);
    }
  } catch (error) {
    await rm(aside, { force: true });
    throw error;
  } finally {
    await file.close();
  }
  const seen = hash.digest('hex');
  if (seen !== sha256) {
    await rm(aside, { force: true });
    throw new BakeoffError({
      code: 'cache-corrupt',
      message: `the cached file ${sha256} has the digest ${seen}`,
      remedy: `Remove ${keys.cached(sha256)} and start a new run, which fetches it again.`,
      kind: 'environment',
    });
  }
  await chmod(aside, 0o444);
  await rename(aside, path);
}
