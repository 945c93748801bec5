/** Teardown: no task is alive in the cluster, and no machine is registered with it any more. */
import {
  DeregisterContainerInstanceCommand,
  DescribeTasksCommand,
  type ECSClient,
  ListContainerInstancesCommand,
  ListTasksCommand,
  StopTaskCommand,
} from '@aws-sdk/client-ecs';
import { z } from 'zod';
import { BakeoffError } from '../../core/errors.ts';
import { explainAwsError, nameOf } from './explain-aws-error.ts';
import { type Pace, waitUntil } from './wait-until.ts';

const tasksSchema = z.object({ taskArns: z.array(z.string()).default([]), nextToken: z.string().nullish() });
const statesSchema = z.object({ tasks: z.array(z.object({ lastStatus: z.string().optional() })).default([]) });
const machinesSchema = z.object({ containerInstanceArns: z.array(z.string()).default([]), nextToken: z.string().nullish() });

/** A driver stops in 80 s, its model in 20 more; ECS takes its time to say so. */
const STOP_MS = 300_000;
const DESCRIBED_AT_ONCE = 100;

/** Tasks that are wanted alive; none where the cluster is gone. */
export async function liveTasks(client: ECSClient, cluster: string): Promise<string[]> {
  return listTasks(client, cluster, 'RUNNING');
}

/** Stops every task and waits until none is alive; returns how many were stopped. Throws `teardown-stuck`. */
export async function stopTasks(client: ECSClient, cluster: string, pace: Pace): Promise<number> {
  const stopped = new Set<string>();
  const isDone = await waitUntil(
    async () => {
      const alive = await liveTasks(client, cluster);
      for (const task of alive.filter((arn) => !stopped.has(arn))) {
        await stop(client, cluster, task);
        stopped.add(task);
      }
      return alive.length === 0 && (await areStopped(client, cluster, [...stopped]));
    },
    STOP_MS,
    pace,
  );
  if (isDone) return stopped.size;
  throw new BakeoffError({
    code: 'teardown-stuck',
    message: `tasks of the cluster ${cluster} are still alive ${STOP_MS / 60_000} minutes after they were asked to stop`,
    remedy: 'Look at them ("aws ecs list-tasks"), then call teardown again: it goes on from here.',
    kind: 'environment',
  });
}

/** A cluster with machines cannot be deleted; those of terminated instances linger for a moment. Returns how many there were. */
export async function deregisterMachines(client: ECSClient, cluster: string): Promise<number> {
  try {
    const { containerInstanceArns } = machinesSchema.parse(await client.send(new ListContainerInstancesCommand({ cluster })));
    for (const containerInstance of containerInstanceArns) {
      await client.send(new DeregisterContainerInstanceCommand({ cluster, containerInstance, force: true }));
    }
    if (containerInstanceArns.length < 100) return containerInstanceArns.length;
    return containerInstanceArns.length + (await deregisterMachines(client, cluster));
  } catch (thrown) {
    if (nameOf(thrown) === 'ClusterNotFoundException') return 0;
    throw explainAwsError(thrown, `deregister the machines of the cluster ${cluster}`);
  }
}

async function listTasks(client: ECSClient, cluster: string, desiredStatus: 'RUNNING' | 'STOPPED'): Promise<string[]> {
  const arns: string[] = [];
  try {
    let token: string | undefined;
    do {
      const request = { cluster, desiredStatus, ...(token === undefined ? {} : { nextToken: token }) };
      const answer = tasksSchema.parse(await client.send(new ListTasksCommand(request)));
      arns.push(...answer.taskArns);
      token = answer.nextToken ?? undefined;
    } while (token !== undefined);
    return arns;
  } catch (thrown) {
    if (nameOf(thrown) === 'ClusterNotFoundException') return [];
    throw explainAwsError(thrown, `list the tasks of the cluster ${cluster}`);
  }
}

async function stop(client: ECSClient, cluster: string, task: string): Promise<void> {
  try {
    await client.send(new StopTaskCommand({ cluster, task, reason: 'the deployment is being removed' }));
  } catch (thrown) {
    throw explainAwsError(thrown, 'stop a task');
  }
}

/** Wanted stopped is not stopped yet: only `lastStatus` says that the containers are gone. */
async function areStopped(client: ECSClient, cluster: string, tasks: readonly string[]): Promise<boolean> {
  for (let first = 0; first < tasks.length; first += DESCRIBED_AT_ONCE) {
    const some = tasks.slice(first, first + DESCRIBED_AT_ONCE);
    const { tasks: seen } = statesSchema.parse(await client.send(new DescribeTasksCommand({ cluster, tasks: some })));
    if (seen.some(({ lastStatus }) => lastStatus !== undefined && lastStatus !== 'STOPPED')) return false;
  }
  return true;
}
