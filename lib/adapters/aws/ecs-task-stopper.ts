/**
 * The TaskStopper port on ECS. Step Functions owns `startedBy`, so the tasks of a run are found by the environment that "Run task"
 * overrode in their driver container.
 */
import {
  DescribeTasksCommand,
  type ECSClient,
  InvalidParameterException,
  ListTasksCommand,
  StopTaskCommand,
  type Task,
} from '@aws-sdk/client-ecs';
import { CONTAINERS, TASK_ENVIRONMENT } from '../../core/environment-names.ts';
import type { TaskStopper } from '../../core/ports.ts';
import { STOP_REASON } from './ecs-stop-reasons.ts';

/** DescribeTasks takes at most so many. */
const DESCRIBED_AT_ONCE = 100;
const STOPPED_AT_ONCE = 10;

export interface EcsTaskStopperOptions {
  readonly client: Pick<ECSClient, 'send'>;
  readonly cluster: string;
}

/**
 * A stop is asked for, not waited for: ECS ends the containers within their stop time-outs, an old driver's writes are fenced off by its
 * attempt, and its machine is not shared meanwhile.
 */
export function ecsTaskStopper({ client, cluster }: EcsTaskStopperOptions): TaskStopper {
  const stopTask = async (taskId: string): Promise<void> => {
    try {
      await client.send(new StopTaskCommand({ cluster, task: taskId, reason: STOP_REASON }));
    } catch (error) {
      // Not found: forgotten an hour after its end, or never one of this cluster.
      if (!(error instanceof InvalidParameterException)) throw error;
    }
  };
  return {
    stopTask,
    stopTasks: async ({ runId, jobId }) => {
      const found: string[] = [];
      for await (const tasks of liveTasks(client, cluster)) {
        found.push(...tasks.filter((task) => isTaskOf(task, runId, jobId)).flatMap(({ taskArn }) => taskArn ?? []));
      }
      for (let from = 0; from < found.length; from += STOPPED_AT_ONCE) {
        await Promise.all(found.slice(from, from + STOPPED_AT_ONCE).map(stopTask));
      }
      return found.length;
    },
  };
}

/** Every task that is meant to run, those still waiting for a machine too; `containerInstance` narrows it to one machine. */
export async function* liveTasks(client: Pick<ECSClient, 'send'>, cluster: string, containerInstance?: string): AsyncGenerator<Task[]> {
  let nextToken: string | undefined;
  do {
    const page = await client.send(
      new ListTasksCommand({ cluster, maxResults: DESCRIBED_AT_ONCE, nextToken, containerInstance, desiredStatus: 'RUNNING' }),
    );
    const arns = page.taskArns ?? [];
    if (arns.length > 0) yield (await client.send(new DescribeTasksCommand({ cluster, tasks: arns }))).tasks ?? [];
    nextToken = page.nextToken;
  } while (nextToken !== undefined);
}

function isTaskOf(task: Task, runId: string, jobId: string | null): boolean {
  const driver = task.overrides?.containerOverrides?.find(({ name }) => name === CONTAINERS.driver);
  const variable = (wanted: string): string | undefined => driver?.environment?.find(({ name }) => name === wanted)?.value;
  return variable(TASK_ENVIRONMENT.run) === runId && (jobId === null || variable(TASK_ENVIRONMENT.job) === jobId);
}
