/**
 * Builds a folder of the cache so that it exists whole or not at all: aside, marked last, renamed. One builder at a time; a
 * kill at any moment leaves only an aside folder, which the next builder of the entry removes.
 */
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readdir, rename, rm, utimes, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { BakeoffError } from '../../../core/errors.ts';
import { cacheError } from './cache-error.ts';
import { lock } from './cache-lock.ts';

export const MARKER = 'bakeoff-built.json';
const ASIDE = '.aside-';

export interface BuildAsideOptions {
  /** The final folder. */
  readonly folder: string;
  readonly lockFile: string;
  /** Fills the folder that it is given, which exists and is empty. */
  readonly build: (aside: string) => Promise<void>;
  /** Whether a built folder can still be used (its base interpreter may have gone). */
  readonly isSound?: () => boolean;
  readonly onWait?: () => void;
  /** What goes into the marker, for people. */
  readonly facts: Readonly<Record<string, unknown>>;
}

/** Returns the milliseconds that building took: 0 when the folder was there. */
export async function buildAside(options: BuildAsideOptions): Promise<number> {
  const ready = () => existsSync(join(options.folder, MARKER)) && (options.isSound?.() ?? true);
  if (ready()) return touch(options.folder);
  const held = await lock(options.lockFile, 'alone', options.onWait);
  try {
    if (ready()) return await touch(options.folder);
    const startedMs = performance.now();
    await buildLocked(options);
    return performance.now() - startedMs;
  } finally {
    held.release();
  }
}

/** The marker's time is that of the last use, for `bakeoff clean`. A cache that cannot be written to may still be read. */
async function touch(folder: string): Promise<0> {
  const now = new Date();
  await utimes(join(folder, MARKER), now, now).catch(() => undefined);
  return 0;
}

async function buildLocked(options: BuildAsideOptions): Promise<void> {
  const { folder } = options;
  const aside = `${folder}${ASIDE}${randomBytes(4).toString('hex')}`;
  try {
    await removeAsides(folder);
    await mkdir(aside, { recursive: true });
    await options.build(aside);
    await writeFile(join(aside, MARKER), `${JSON.stringify(options.facts, null, 2)}\n`, { flush: true });
    await rm(folder, { recursive: true, force: true });
    await rename(aside, folder);
  } catch (cause) {
    await rm(aside, { recursive: true, force: true }).catch(() => undefined);
    throw cause instanceof BakeoffError ? cause : cacheError(folder, cause);
  }
}

/** Removes what killed builders of this entry left. The caller holds its lock. */
async function removeAsides(folder: string): Promise<void> {
  const parent = dirname(folder);
  const names = existsSync(parent) ? await readdir(parent) : [];
  const left = names.filter((name) => name.startsWith(`${basename(folder)}${ASIDE}`));
  await Promise.all(left.map((name) => rm(join(parent, name), { recursive: true, force: true })));
}
