/** Room for environments and for outputs. */
import { statfsSync } from 'node:fs';
import type { Check, Finding } from './finding.ts';
import { nearestFolder } from './nearest-folder.ts';

const MIB = 1 << 20;
/** Below `least` nothing works. The environments of this repository's packages take 1,300 MiB, downloads included. */
const CACHE = { least: 500, roomy: 1_500 };
const RUNS = { least: 50, roomy: 500 };

export const checkCacheSpace: Check = async ({ cacheDir }) =>
  judge(
    'cache-space',
    cacheDir,
    CACHE,
    'Free space there (`bakeoff clean --all` frees ours), or set BAKEOFF_CACHE to a folder on another disk.',
  );
export const checkRunsSpace: Check = async ({ dir }) =>
  judge('runs-space', dir, RUNS, 'Free space there, or give a folder on another disk with --dir or BAKEOFF_DIR.');

function judge(id: string, path: string, bounds: typeof CACHE, remedy: string): Finding {
  const { bavail, bsize } = statfsSync(nearestFolder(path));
  const freeMiB = Math.floor((bavail * bsize) / MIB);
  const found = `${freeMiB} MiB free for ${path}`;
  if (freeMiB >= bounds.roomy) return { id, status: 'ok', found, remedy: null };
  if (freeMiB >= bounds.least) return { id, status: 'warn', found: `${found}; ${bounds.roomy} MiB are advised`, remedy };
  return { id, status: 'missing', found: `${found}; at least ${bounds.least} MiB are needed`, remedy };
}
