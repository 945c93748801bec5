/**
 * Brings a suite that was uploaded below `suites/<id>/` to a folder, where the ordinary reader checks it. Called by lib/compose for a spec
 * that names a suite which is not bundled.
 */
import { createWriteStream } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { BakeoffError } from '../../core/errors.ts';
import type { ObjectStore } from '../../core/ports.ts';

/** A function has 512 MB of disk, and a suite is its text and its input files. */
const MAX_SUITE_BYTES = 384 << 20;
const MAX_SUITE_FILES = 20_000;
const DOWNLOADED_AT_ONCE = 16;

/** False when nothing lies there. Throws `suite-too-large`. The folder is emptied first. */
export async function fetchSuite(objects: Pick<ObjectStore, 'list' | 'read'>, suiteId: string, folder: string): Promise<boolean> {
  const prefix = `suites/${suiteId}/`;
  const found = await objects.list(prefix);
  if (found.length === 0) return false;
  if (found.length > MAX_SUITE_FILES) throw tooLarge(suiteId, `${found.length} files`, `${MAX_SUITE_FILES} files`);
  await rm(folder, { recursive: true, force: true });
  let bytes = 0;
  const count = async function* (source: AsyncIterable<Uint8Array>) {
    for await (const chunk of source) {
      bytes += chunk.byteLength;
      if (bytes > MAX_SUITE_BYTES) throw tooLarge(suiteId, `more than ${MAX_SUITE_BYTES} bytes`, `${MAX_SUITE_BYTES} bytes`);
      yield chunk;
    }
  };
  const download = async (key: string): Promise<void> => {
    const path = join(folder, key.slice(prefix.length));
    await mkdir(dirname(path), { recursive: true });
    await pipeline(Readable.from(count(objects.read(key))), createWriteStream(path));
  };
  for (let from = 0; from < found.length; from += DOWNLOADED_AT_ONCE) {
    await Promise.all(found.slice(from, from + DOWNLOADED_AT_ONCE).map(download));
  }
  return true;
}

function tooLarge(suiteId: string, seen: string, expected: string): BakeoffError {
  return new BakeoffError({
    code: 'suite-too-large',
    message: `the suite ${suiteId} has ${seen}; a deployment takes at most ${expected}`,
    remedy: 'Split the suite.',
  });
}
