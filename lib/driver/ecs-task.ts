/**
 * The driver's own ECS task: its ARN, whether the container beside it still lives, and what that container uses, sampled once a second.
 * Made by main.ts on AWS alone.
 */
import { messageOf } from '../core/errors.ts';
import type { ServerNotes } from '../core/task-notes.ts';
import { type ContainerUsage, containerUsage } from './container-usage.ts';
import { type EcsMetadata, ecsMetadata, firstTask } from './ecs-metadata.ts';

const SAMPLE_MS = 1_000;
const TASK_TRIES = 10;
const TASK_PAUSE_MS = 500;

export interface EcsTask {
  readonly taskArn: string;
  /** True once the agent has seen the other container's end. */
  readonly serverExited: () => boolean;
  /** What was measured so far, after a last sample. */
  readonly usage: () => Promise<ServerNotes>;
  readonly close: () => void;
}

export interface EcsTaskTiming {
  readonly sampleMs: number;
  readonly tries: number;
  readonly pauseMs: number;
}

/** Throws `task-unknown` when the endpoint does not tell the task's ARN. */
export async function openEcsTask(metadataUrl: string, timing: Partial<EcsTaskTiming> = {}): Promise<EcsTask> {
  const { sampleMs, tries, pauseMs } = { sampleMs: SAMPLE_MS, tries: TASK_TRIES, pauseMs: TASK_PAUSE_MS, ...timing };
  const metadata = ecsMetadata(metadataUrl);
  const { taskArn } = await firstTask(metadata, tries, pauseMs);
  const usage = containerUsage(performance.now());
  let exited = false;
  let sampling: Promise<void> | null = null;
  const sample = (): Promise<void> => {
    sampling ??= sampleOnce(metadata, usage)
      .then((hasStopped) => {
        exited ||= hasStopped;
      })
      .finally(() => {
        sampling = null;
      });
    return sampling;
  };
  const timer = setInterval(sample, sampleMs);
  timer.unref();
  return {
    taskArn,
    serverExited: () => exited,
    usage: async () => {
      await sampling;
      await sample();
      return usage.notes();
    },
    close: () => clearInterval(timer),
  };
}

/** True when the container has stopped. Never rejects: a sample that is missing is a lower rate. */
async function sampleOnce(metadata: EcsMetadata, usage: ContainerUsage): Promise<boolean> {
  try {
    const { model } = await metadata.task();
    if (model === null) usage.miss('the task has no container of that name');
    else if (model.dockerId === null) usage.miss('the metadata endpoint does not name the container');
    else {
      const stats = (await metadata.stats())[model.dockerId];
      if (stats === undefined || stats === null) usage.miss('the metadata endpoint has no statistics of the container');
      else usage.add(stats, performance.now());
    }
    return model?.hasStopped ?? false;
  } catch (error) {
    usage.miss(`the metadata endpoint did not answer: ${messageOf(error)}`);
    return false;
  }
}
