/**
 * The folders below BAKEOFF_OUTPUTS that generations write to. A lane keeps its folder while its answers need none, so that text and
 * numbers cost no file system call; after a sample with files, or one that failed, the folder goes and the lane gets a new one.
 */
import { mkdirSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';

export interface OutputFolders {
  /** Name of the lane's folder below the root; made when absent. */
  readonly folderOf: (lane: number) => string;
  /** Forgets the lane's folder and removes it with all that the model left there. */
  readonly discard: (lane: number) => Promise<void>;
}

/** `root` is BAKEOFF_OUTPUTS; names carry the attempt, so that no attempt finds another one's files. */
export function outputFolders(root: string, attempt: number): OutputFolders {
  const current = new Map<number, string>();
  let made = 0;
  const make = (lane: number): string => {
    made += 1;
    const name = `${attempt}-${lane}-${made}`;
    // Group and world may write, as far as the umask allows: in a container the model runs as another user of our group.
    // Not handed to the thread pool, for which a request would have to wait: it takes 0.03 to 0.1 ms.
    mkdirSync(join(root, name), { recursive: true, mode: 0o777 });
    current.set(lane, name);
    return name;
  };
  return {
    folderOf: (lane) => current.get(lane) ?? make(lane),
    discard: async (lane) => {
      const name = current.get(lane);
      if (name === undefined) return;
      current.delete(lane);
      await rm(join(root, name), { recursive: true, force: true }).catch(leaveForeign);
    },
  };
}

/** What another user has made in folders of its own stays until the volume goes; no attempt ends for it. */
function leaveForeign(error: unknown): void {
  const code = error instanceof Error && 'code' in error ? error.code : null;
  if (code !== 'EACCES' && code !== 'EPERM' && code !== 'ENOTEMPTY') throw error;
}
