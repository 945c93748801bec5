/**
 * Containers that killed runs of a folder have left, found by their labels. Called at a start, and by `bakeoff clean`.
 */
import { z } from 'zod';
import { isAlive, readProcess } from '../process/process-table.ts';
import { LABELS } from './container-settings.ts';
import { type DockerClient, unlessGone } from './docker-client.ts';

const ownerSchema = z.object({ pid: z.int().positive(), startedAt: z.string() });

/** This process, as a label's value. */
export function ownLabel(): string {
  return JSON.stringify({ pid: process.pid, startedAt: readProcess(process.pid)?.startedAt ?? '' });
}

/** Removes the containers of `dir` whose owner is dead, running or not. Returns how many there were. */
export async function removeLeftovers(docker: DockerClient, dir: string): Promise<number> {
  const found = await docker.listContainers({ all: true, filters: { label: [`${LABELS.dir}=${dir}`] } });
  const left = found.filter(({ Labels }) => !ownerLives(Labels[LABELS.owner]));
  await Promise.all(left.map(({ Id }) => unlessGone(docker.getContainer(Id).remove({ force: true, v: true }))));
  return left.length;
}

/** Removes what is left of one task. */
export async function removeTask(docker: DockerClient, taskId: string): Promise<void> {
  const found = await docker.listContainers({ all: true, filters: { label: [`${LABELS.task}=${taskId}`] } });
  await Promise.all(found.map(({ Id }) => unlessGone(docker.getContainer(Id).remove({ force: true, v: true }))));
}

function ownerLives(label: string | undefined): boolean {
  try {
    const owner = ownerSchema.parse(JSON.parse(label ?? ''));
    return isAlive(owner.pid, owner.startedAt);
  } catch {
    return false;
  }
}
