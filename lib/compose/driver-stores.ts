/**
 * The stores of a driver process, composed for where it runs. Only lib/driver/main.ts calls it. Adapters are imported when they are
 * needed: the driver of one machine does not load the AWS SDK.
 */
import { rm } from 'node:fs/promises';
import { copyingObjectStore } from '../adapters/local/copying-object-store.ts';
import type { ObjectStore, RunStore } from '../core/ports.ts';

export interface DriverStores {
  readonly objects: ObjectStore;
  readonly runs: RunStore;
  /** Removes the copies that `localPath` has made on this machine; nothing where objects are files themselves. */
  readonly dropCopies: (paths: readonly string[]) => Promise<void>;
  readonly close: () => void;
}

export type DriverStorePlace =
  /** `contained`: the server sees nothing of `dir`, so that what it reads is copied to where it may. */
  | { readonly kind: 'machine'; readonly dir: string; readonly contained: boolean }
  | { readonly kind: 'aws'; readonly bucket: string; readonly table: string; readonly region: string };

/** `copiesDir` is where objects are copied to that need a path; on one machine they have one. */
export async function openDriverStores(place: DriverStorePlace, copiesDir: string): Promise<DriverStores> {
  if (place.kind === 'machine') {
    const { openLocalStores } = await import('./local.ts');
    const stores = openLocalStores(place.dir);
    const { runs, close } = stores;
    if (!place.contained) return { objects: stores.objects, runs, dropCopies: async () => {}, close };
    return { objects: copyingObjectStore(stores.objects, copiesDir), runs, dropCopies: removeCopies, close };
  }
  const { openAwsDriverStores } = await import('./aws-driver-stores.ts');
  const stores = openAwsDriverStores(place, copiesDir);
  return { ...stores, dropCopies: removeCopies };
}

async function removeCopies(paths: readonly string[]): Promise<void> {
  await Promise.all(paths.map((path) => rm(path, { force: true })));
}
