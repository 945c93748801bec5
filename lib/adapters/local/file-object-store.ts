/**
 * Objects as files below one folder: the `ObjectStore` port on one machine. An object appears whole or not at all: it is
 * written aside in the same file system, synced, and linked (if absent) or renamed into place; then its folder is synced.
 */
import { randomUUID } from 'node:crypto';
import { constants, createReadStream } from 'node:fs';
import { copyFile, link, mkdir, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { BakeoffError, messageOf } from '../../core/errors.ts';
import { assertKey } from '../../core/object-key.ts';
import type { ObjectStore } from '../../core/ports.ts';
import { isAlive } from './process/process-table.ts';

/** Files on their way; `<pid>-<uuid>`. Not a key segment (it starts with a dot), so no object can be taken for one. */
const ASIDE = '.aside';

/** `folder` is absolute; it is made when absent. Errors that the operating system raises say what to do. */
export function fileObjectStore(folder: string): ObjectStore {
  const pathOf = (key: string): string => {
    assertKey(key);
    return join(folder, key);
  };
  const asidePath = async (): Promise<string> => {
    await mkdir(join(folder, ASIDE), { recursive: true });
    return join(folder, ASIDE, `${process.pid}-${randomUUID()}`);
  };

  return {
    put: (key, body, options) =>
      explained(key, async () => {
        const target = pathOf(key);
        const aside = await asidePath();
        try {
          await writeSynced(aside, body);
          return await publish(aside, target, options?.ifAbsent ?? false);
        } finally {
          await rm(aside, { force: true });
        }
      }),
    putFile: (key, path, options) =>
      explained(key, async () => {
        const target = pathOf(key);
        const aside = await asidePath();
        try {
          await rename(path, aside).catch(async (error: NodeJS.ErrnoException) => {
            if (error.code !== 'EXDEV') throw error;
            await copyFile(path, aside, constants.COPYFILE_EXCL);
            await rm(path, { force: true });
          });
          await syncPath(aside);
          return await publish(aside, target, options?.ifAbsent ?? false);
        } finally {
          await rm(aside, { force: true });
        }
      }),
    get: (key) => explained(key, () => nullWhenMissing(readFile(pathOf(key)))),
    read: (key, range) => readParts(key, pathOf(key), range),
    list: (prefix) => explained(prefix, () => listBelow(folder, prefix)),
    remove: (key) => explained(key, () => rm(pathOf(key), { force: true })),
    localPath: (key) =>
      explained(key, async () => {
        if ((await nullWhenMissing(stat(pathOf(key)))) === null) throw missing(key);
        return pathOf(key);
      }),
  };
}

/** Removes what killed processes left on its way. Call it where no process but this one and live ones writes. */
export async function sweepAside(folder: string): Promise<void> {
  const names = (await nullWhenMissing(readdir(join(folder, ASIDE)))) ?? [];
  for (const name of names) {
    const pid = Number.parseInt(name, 10);
    if (!isAlive(pid)) await rm(join(folder, ASIDE, name), { force: true });
  }
}

async function writeSynced(path: string, body: Uint8Array | string): Promise<void> {
  const file = await open(path, 'wx');
  try {
    await file.writeFile(body);
    await file.datasync();
  } finally {
    await file.close();
  }
}

async function syncPath(path: string): Promise<void> {
  const file = await open(path, 'r');
  try {
    await file.datasync();
  } finally {
    await file.close();
  }
}

/** Moves the finished file into place; false when the key exists and must not be replaced. */
async function publish(aside: string, target: string, ifAbsent: boolean): Promise<boolean> {
  const folder = dirname(target);
  const firstMade = await mkdir(folder, { recursive: true });
  if (!ifAbsent) {
    await rename(aside, target);
  } else {
    const exists = await link(aside, target).then(
      () => false,
      (error: NodeJS.ErrnoException) => {
        if (error.code === 'EEXIST') return true;
        throw error;
      },
    );
    if (exists) return false;
  }
  await syncPath(folder);
  // A new folder is there for good once the one above it is synced.
  const top = firstMade === undefined ? folder : dirname(firstMade);
  for (let at = folder; at.length > top.length; at = dirname(at)) await syncPath(dirname(at));
  return true;
}

async function* readParts(
  key: string,
  path: string,
  range: { readonly startByte: number; readonly endByte: number } | undefined,
): AsyncIterable<Uint8Array> {
  if (range !== undefined && range.endByte <= range.startByte) return;
  const options = range === undefined ? {} : { start: range.startByte, end: range.endByte - 1 };
  try {
    for await (const chunk of createReadStream(path, { ...options, highWaterMark: 1 << 18 })) yield chunk;
  } catch (error) {
    throw isMissing(error) ? missing(key) : explain(key, error);
  }
}

async function listBelow(folder: string, prefix: string): Promise<string[]> {
  assertKey(prefix.replace(/\/$/, ''));
  const root = join(folder, prefix);
  const entries = (await nullWhenMissing(readdir(root, { recursive: true, withFileTypes: true }))) ?? [];
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .sort((a, b) => (a < b ? -1 : 1));
}

async function nullWhenMissing<T>(promise: Promise<T>): Promise<T | null> {
  return promise.catch((error: unknown) => {
    if (isMissing(error)) return null;
    throw error;
  });
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR');
}

function missing(key: string): BakeoffError {
  return new BakeoffError({
    code: 'object-missing',
    message: `there is no object ${key}`,
    remedy: 'Check that the folder holds the whole run; start the run anew if files were deleted from it.',
    kind: 'environment',
  });
}

async function explained<T>(key: string, action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (error) {
    throw explain(key, error);
  }
}

/** Turns the operating system's refusals into errors that say what to do. */
function explain(key: string, error: unknown): unknown {
  if (error instanceof BakeoffError || !(error instanceof Error) || !('code' in error)) return error;
  const shared = { kind: 'environment', cause: error } as const;
  if (error.code === 'ENOSPC' || error.code === 'EDQUOT') {
    return new BakeoffError({
      code: 'disk-full',
      message: `no space is left to write ${key}`,
      remedy: 'Free disk space (`bakeoff clean` removes what is not needed), then run again with --resume.',
      ...shared,
    });
  }
  if (error.code === 'EACCES' || error.code === 'EPERM' || error.code === 'EROFS') {
    return new BakeoffError({
      code: 'store-unwritable',
      message: `${key} cannot be read or written: ${messageOf(error)}`,
      remedy: 'Give yourself rights to the folder, or name another one with --dir.',
      ...shared,
    });
  }
  return error;
}
