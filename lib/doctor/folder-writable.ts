/** The folder of runs and the cache can be written to, tried with a real file. */
import { existsSync, mkdtempSync, rmdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { messageOf } from '../core/errors.ts';
import type { Check, Finding } from './finding.ts';
import { nearestFolder } from './nearest-folder.ts';

export const checkRunsFolder: Check = async ({ dir }) =>
  tryFolder('runs-folder', dir, 'Make it writable, or give another with --dir or BAKEOFF_DIR.');
export const checkCacheFolder: Check = async ({ cacheDir }) =>
  tryFolder('cache-folder', cacheDir, 'Make it writable, or set BAKEOFF_CACHE to another folder.');

function tryFolder(id: string, path: string, remedy: string): Finding {
  try {
    if (existsSync(path) && !statSync(path).isDirectory()) return { id, status: 'missing', found: `${path} is not a folder`, remedy };
    rmdirSync(mkdtempSync(join(nearestFolder(path), '.bakeoff-doctor-')));
    return { id, status: 'ok', found: path, remedy: null };
  } catch (cause) {
    return { id, status: 'missing', found: `cannot write to ${path} (${messageOf(cause)})`, remedy };
  }
}
