/**
 * The composition root of one machine: the only place that names its adapters. The CLI and the driver process call it.
 */
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileObjectStore, sweepAside } from '../adapters/local/file-object-store.ts';
import { sqliteRunStore } from '../adapters/local/sqlite-run-store.ts';
import type { EventSink, ObjectStore, RunStore } from '../core/ports.ts';

export interface LocalStores {
  readonly folder: string;
  readonly objects: ObjectStore;
  readonly runs: RunStore;
  readonly close: () => void;
}

/** One machine has nobody to tell: its runs are watched in their records. */
export const silentEvents: EventSink = { publish: async () => {} };

/** Opens `DIR` (made when absent) with its objects and records. */
export function openLocalStores(dir: string): LocalStores {
  const folder = resolve(dir);
  const runs = sqliteRunStore(join(folder, 'records.sqlite'));
  return { folder, objects: fileObjectStore(folder), runs, close: runs.close };
}

/** False where nothing was ever run: verbs that only read must not make a folder there. */
export function hasLocalRuns(dir: string): boolean {
  return existsSync(join(dir, 'records.sqlite'));
}

/** Removes what killed processes left half-written below `DIR`. */
export async function sweepLocalStores(stores: LocalStores): Promise<void> {
  await sweepAside(stores.folder);
}
