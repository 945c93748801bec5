/** Brings a suite's file into the content-addressed cache, verified on the way. Called while a run is planned. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { sha256Hex } from '../../core/canonical-json.ts';
import { BakeoffError } from '../../core/errors.ts';
import { keys } from '../../core/object-key.ts';
import type { ObjectStore } from '../../core/ports.ts';

/** Throws `suite-corrupt` when the file is no longer what the suite says. A digest that is there already is not read again. */
export async function storeSuiteFile(
  objects: ObjectStore,
  folder: string,
  file: { readonly path: string; readonly sha256: string },
): Promise<void> {
  const key = keys.cached(file.sha256);
  if ((await objects.get(key)) !== null) return;
  const body = await readFile(join(folder, file.path));
  const seen = sha256Hex(body);
  if (seen !== file.sha256) {
    throw new BakeoffError({
      code: 'suite-corrupt',
      message: `${join(folder, file.path)}: seen SHA-256 ${seen}; expected ${file.sha256}`,
      remedy: 'Restore the file (for example with git checkout), or make the suite again with its script.',
      kind: 'environment',
    });
  }
  await objects.put(key, body, { ifAbsent: true });
}
