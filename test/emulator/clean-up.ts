/**
 * Removes what an interrupted run of the emulator level left: processes that it started, containers of its tasks, its work folder. Images and
 * the Docker daemon stay: they are the cache. Called before and after each run, and by `npm run e2e:clean`.
 */
import { rmSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { listTaskContainers } from './containers.ts';
import { isDockerUp } from './docker-daemon.ts';
import { OURS, ourImages } from './image-names.ts';
import { runCommand } from './run-command.ts';
import { markedProcesses } from './marked-processes.ts';
import { OWNER_LABEL, RUN_MARK, WORK_FOLDER } from './work-folder.ts';

/** How many containers were removed. Only those of our images that our emulator started. */
export async function cleanUp(): Promise<number> {
  await endProcesses();
  const left = (await isDockerUp()) ? await oursAmong(await listTaskContainers(OWNER_LABEL)) : [];
  for (const id of left) await runCommand('docker', ['rm', '-f', '-v', id]);
  rmSync(WORK_FOLDER, { recursive: true, force: true });
  return left.length;
}

/** Images too, for whoever wants the space back. */
export async function removeImages(): Promise<number> {
  if (!(await isDockerUp())) return 0;
  const tags = await ourImages();
  for (const tag of tags) await runCommand('docker', ['image', 'rm', tag]);
  return tags.length;
}

/** The emulator and its workers end with the process that started them, which is among these. */
async function endProcesses(): Promise<void> {
  for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
    for (const { pid } of markedProcesses(RUN_MARK)) end(pid, signal);
    for (let waited = 0; waited < 20 && markedProcesses(RUN_MARK).length > 0; waited += 1) await sleep(500);
  }
}

function end(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It has ended meanwhile.
  }
}

/** A container has the labels of its image. */
async function oursAmong(containers: readonly { readonly id: string }[]): Promise<string[]> {
  const labelled = await runCommand('docker', ['ps', '-aq', '--no-trunc', '--filter', `label=${OURS}`]);
  const ours = new Set(labelled.split('\n'));
  return containers.map(({ id }) => id).filter((id) => ours.has(id));
}
