/**
 * Removes from the cache what nobody uses: what killed builders left, and environments that went unused for long; with `all`
 * everything that is not in use at this moment. Called by `bakeoff clean` through lib/compose.
 */
import { existsSync } from 'node:fs';
import { lstat, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { MARKER } from './build-aside.ts';
import { cacheLayout } from './cache-layout.ts';
import { tryLock } from './cache-lock.ts';

const STALE_AFTER_MS = 30 * 24 * 3600 * 1000;
const ENTRY = /^([0-9a-f]{64}|uv-[\w.-]+?)(\.aside-[0-9a-f]+)?$/;

export interface CleanOptions {
  readonly cacheDir: string;
  readonly all: boolean;
  readonly nowMs: number;
}

export interface Cleaned {
  readonly removed: readonly string[];
  /** Would have gone, but a run uses or builds it now. */
  readonly inUse: readonly string[];
  /** At least: a file that something else still links to counts nothing. */
  readonly freedBytes: number;
}

/** What was removed, what is in use, and the bytes that came free. */
export async function cleanCache(options: CleanOptions): Promise<Cleaned> {
  const cache = cacheLayout(options.cacheDir);
  const removed: string[] = [];
  const inUse: string[] = [];
  let freedBytes = 0;
  const remove = async (path: string) => {
    freedBytes += await removeTree(path);
    removed.push(path);
  };

  for (const folder of [cache.environments, cache.tools]) {
    for (const name of await namesIn(folder)) {
      const path = join(folder, name);
      if (!(await isUnwanted(path, options))) continue;
      const held = tryLock(join(cache.locks, `${ENTRY.exec(name)?.[1] ?? name}.lock`), 'alone');
      if (held === null) inUse.push(path);
      else {
        await remove(path).finally(held.release);
      }
    }
  }
  // An entry that is held may be under construction, and the builder then reads the downloads.
  const spare = inUse.length > 0 ? [] : [cache.downloads, cache.compiled];
  for (const path of options.all ? spare : []) if (existsSync(path)) await remove(path);
  for (const name of await namesIn(cache.root))
    if (inUse.length === 0 && /^install-[0-9a-f-]{36}\.log$/.test(name)) await remove(join(cache.root, name));
  return { removed, inUse, freedBytes };
}

/** The marker's time is that of the last use. */
async function isUnwanted(path: string, { all, nowMs }: CleanOptions): Promise<boolean> {
  if (all) return true;
  const marker = await lstat(join(path, MARKER)).catch(() => null);
  const isWhole = marker !== null && !path.includes('.aside-');
  return !isWhole || nowMs - marker.mtimeMs > STALE_AFTER_MS;
}

async function namesIn(folder: string): Promise<string[]> {
  return existsSync(folder) ? readdir(folder) : [];
}

/** Removes a file or a folder and returns the bytes on disk that had no other link. */
export async function removeTree(path: string): Promise<number> {
  const bytes = await sizeOnDisk(path);
  await rm(path, { recursive: true, force: true, maxRetries: 3 });
  return bytes;
}

async function sizeOnDisk(path: string): Promise<number> {
  const facts = await lstat(path).catch(() => null);
  if (facts === null) return 0;
  if (!facts.isDirectory()) return facts.nlink > 1 ? 0 : facts.blocks * 512;
  let bytes = facts.blocks * 512;
  for (const name of await readdir(path)) bytes += await sizeOnDisk(join(path, name));
  return bytes;
}
