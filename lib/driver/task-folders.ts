/**
 * The folders of one attempt below the task's volumes, shared with a model that runs as another user of the same group. Called by main.ts
 * on AWS alone. The outputs' volume is writable to the model, so what lies there may be the model's doing.
 */
import { chmod, lstat, mkdir, rm } from 'node:fs/promises';
import { BakeoffError } from '../core/errors.ts';

export interface TaskFolders {
  readonly outputsDir: string;
  readonly inputsDir: string;
  readonly scratchDir: string;
}

/** Group may do what the owner may, others nothing: set before any folder is made. The set-group-id bit hands the group on. */
export const SHARED_UMASK = 0o007;
/** The model passes through and writes only in folders below, that the driver makes for it. */
const SHARED_MODE = 0o2750;
const OWN_MODE = 0o700;

/** Throws `task-folder-taken` when one is there and not the driver's own, `task-folder-unwritable` when the volume refuses. */
export async function makeTaskFolders(folders: TaskFolders): Promise<void> {
  await makeOwn(folders.outputsDir, SHARED_MODE);
  await makeOwn(folders.inputsDir, SHARED_MODE);
  await makeOwn(folders.scratchDir, OWN_MODE);
}

/** As far as it may: what a model made in folders of its own goes with the task's volume. */
export async function removeTaskFolders(folders: TaskFolders): Promise<void> {
  for (const folder of Object.values(folders)) await rm(folder, { recursive: true, force: true }).catch(() => undefined);
}

async function makeOwn(folder: string, mode: number): Promise<void> {
  try {
    await mkdir(folder);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : null;
    if (code !== 'EEXIST') throw unwritable(folder, String(code), error);
    const found = await lstat(folder);
    if (!found.isDirectory() || found.uid !== process.getuid?.()) throw taken(folder);
  }
  await chmod(folder, mode);
}

function taken(folder: string): BakeoffError {
  return new BakeoffError({
    code: 'task-folder-taken',
    message: `${folder} is there before the driver and is not its own`,
    remedy: 'Look at what the model does when it starts: nobody else can write to the task volume.',
    kind: 'environment',
  });
}

function unwritable(folder: string, code: string, cause: unknown): BakeoffError {
  return new BakeoffError({
    code: 'task-folder-unwritable',
    message: `the folder ${folder} cannot be made: ${code}`,
    remedy: "Give the volume's folder to user 10002 and group 10000.",
    kind: 'environment',
    cause,
  });
}
