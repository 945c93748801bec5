/**
 * The stores of a driver process, composed for where it runs. Only lib/driver/main.ts calls it. Adapters are imported when they are
 * needed: the driver of one machine does not load the AWS SDK.
 */
import { rm } from 'node:fs/promises';
import type { ObjectStore, RunStore } from '../core/ports.ts';

export interface DriverStores {
  readonly objects: ObjectStore;
  readonly runs: RunStore;
  /** Removes the copies that `localPath` has made on this machine; nothing where objects are files themselves. */
  readonly dropCopies: (paths: readonly string[]) => Promise<void>;
  readonly close: () => void;
}

export type DriverStorePlace =
  | { readonly kind: 'machine'; readonly dir: string }
  | { readonly kind: 'aws'; readonly bucket: string; readonly table: string; readonly region: string };

/** `copiesDir` is where objects are copied to that need a path; on one machine they have one. */
export async function openDriverStores(place: DriverStorePlace, copiesDir: string): Promise<DriverStores> {
  if (place.kind === 'machine') {
    const { openLocalStores } = await import('./local.ts');
    const stores = openLocalStores(place.dir);
    return { objects: stores.objects, runs: stores.runs, dropCopies: async () => {}, close: stores.close };
  }
  const { openAwsDriverStores } = await import('./aws-driver-stores.ts');
  const stores = openAwsDriverStores(place, copiesDir);
  return {
    ...stores,
    dropCopies: async (paths) => {
      await Promise.all(paths.map((path) => rm(path, { force: true })));
    },
  };
}
