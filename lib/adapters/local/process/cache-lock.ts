/**
 * Locks on entries of the cache that end with their process, however it ends: SQLite's own file locks on an empty database.
 * One builder at a time holds an entry alone; servers that use it share it; `bakeoff clean` takes nothing that is held.
 */
import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { cacheError } from './cache-error.ts';

export type LockMode = 'alone' | 'shared';

export interface HeldLock {
  readonly release: () => void;
}

const POLL_MS = 100;
const SQLITE_BUSY = 5;
const busySchema = z.object({ errcode: z.number() });

/** Takes the lock, or null when someone else holds it in the way. Throws `cache-unusable`. */
export function tryLock(path: string, mode: LockMode): HeldLock | null {
  let database: DatabaseSync;
  try {
    mkdirSync(dirname(path), { recursive: true });
    database = new DatabaseSync(path, { timeout: 0 });
  } catch (cause) {
    throw cacheError(path, cause);
  }
  try {
    // Reading anything takes the shared lock, and an open transaction keeps it.
    database.exec(mode === 'alone' ? 'BEGIN EXCLUSIVE' : 'BEGIN; SELECT count(*) FROM sqlite_master');
    return { release: () => database.close() };
  } catch (cause) {
    database.close();
    const parsed = busySchema.safeParse(cause);
    if (parsed.success && (parsed.data.errcode & 0xff) === SQLITE_BUSY) return null;
    throw cacheError(path, cause);
  }
}

/** Waits for the lock. `onWait` is called once when there is something to wait for. */
export async function lock(path: string, mode: LockMode, onWait: () => void = () => undefined): Promise<HeldLock> {
  let waited = false;
  for (;;) {
    const held = tryLock(path, mode);
    if (held !== null) return held;
    if (!waited) onWait();
    waited = true;
    await sleep(POLL_MS);
  }
}
