/**
 * The objects of one machine for a driver whose server runs in a container: what needs a path is copied into the folder that the container
 * reads. lib/compose/driver-stores.ts is its only caller.
 */
import { randomUUID } from 'node:crypto';
import { constants } from 'node:fs';
import { chmod, copyFile, mkdir, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { ObjectStore } from '../../core/ports.ts';

/** The same objects, but for `localPath`: a copy of its own per call, readable by everybody, for the caller to remove. */
export function copyingObjectStore(objects: ObjectStore, copiesDir: string): ObjectStore {
  return {
    ...objects,
    localPath: async (key) => {
      const path = await objects.localPath(key);
      await mkdir(copiesDir, { recursive: true });
      // The name keeps its end: an evaluator may tell a format by it.
      const copy = join(copiesDir, `${randomUUID()}-${basename(key)}`);
      try {
        await copyFile(path, copy, constants.COPYFILE_FICLONE);
        await chmod(copy, 0o444);
        return copy;
      } catch (error) {
        await rm(copy, { force: true });
        throw error;
      }
    },
  };
}
