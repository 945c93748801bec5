/**
 * Copies of objects on this machine, for evaluators that read paths: made aside and renamed, so that a path that is there is whole.
 * Called by s3-object-store.ts. Readable by others, since the evaluator runs as another user.
 */
import { randomUUID } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdir, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { assertKey } from '../../core/object-key.ts';

interface LocalCopiesOptions {
  readonly folder: string;
  /** The object in pieces. */
  readonly read: (key: string) => AsyncIterable<Uint8Array>;
}

/**
 * The path of an object's copy; downloads what is not there, once for callers at the same time. Objects are immutable: a copy is never
 * compared with its object again. Whoever is done with a copy may remove the file.
 */
export function localCopies({ folder, read }: LocalCopiesOptions): (key: string) => Promise<string> {
  const underWay = new Map<string, Promise<void>>();
  const download = async (key: string, path: string): Promise<void> => {
    const exists = await stat(path).then(
      () => true,
      () => false,
    );
    if (exists) return;
    await mkdir(dirname(path), { recursive: true });
    // A dot first: no object's key has such a segment.
    const aside = join(folder, `.aside-${randomUUID()}`);
    try {
      await pipeline(read(key), createWriteStream(aside, { flags: 'wx', mode: 0o644 }));
      await rename(aside, path);
    } finally {
      await rm(aside, { force: true });
    }
  };
  return async (key) => {
    assertKey(key);
    const path = join(folder, key);
    const running = underWay.get(key) ?? download(key, path).finally(() => underWay.delete(key));
    underWay.set(key, running);
    await running;
    return path;
  };
}
