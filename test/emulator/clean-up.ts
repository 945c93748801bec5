/**
 * Removes what an interrupted run of the emulator level left: containers of its tasks and its work folder. The emulator itself ends with the
 * process that started it. Images and the Docker daemon stay: they are the cache. Called before each run and by `npm run e2e:clean`.
 */
import { rmSync } from 'node:fs';
import { listTaskContainers } from './containers.ts';
import { isDockerUp } from './docker-daemon.ts';
import { OURS, ourImages } from './image-names.ts';
import { runCommand } from './run-command.ts';
import { OWNER_LABEL, WORK_FOLDER } from './work-folder.ts';

/** How many containers were removed. Only those of our images that our emulator started. */
export async function cleanUp(): Promise<number> {
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

/** A container has the labels of its image. */
async function oursAmong(containers: readonly { readonly id: string }[]): Promise<string[]> {
  const labelled = await runCommand('docker', ['ps', '-aq', '--no-trunc', '--filter', `label=${OURS}`]);
  const ours = new Set(labelled.split('\n'));
  return containers.map(({ id }) => id).filter((id) => ours.has(id));
}
