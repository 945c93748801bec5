/**
 * The machines of the cluster, by their EC2 ids: which container instance one is, and the tasks on it. Used by the Spot interruption and the
 * registration check, and to learn where a task ran.
 */
import { DescribeContainerInstancesCommand, type ECSClient, ListContainerInstancesCommand, StopTaskCommand } from '@aws-sdk/client-ecs';
import { SPOT_STOP_REASON } from './ecs-stop-reasons.ts';
import { liveTasks } from './ecs-task-stopper.ts';

export interface EcsMachines {
  /** ARN of the container instance of an EC2 instance; null when it is not registered with the cluster. */
  readonly findByInstanceId: (instanceId: string) => Promise<string | null>;
  /** EC2 id of a container instance; null when it is gone. */
  readonly instanceIdOf: (containerInstanceArn: string) => Promise<string | null>;
  /** Asks every task on a container instance that Spot takes back to stop; returns how many there were. */
  readonly stopInterrupted: (containerInstanceArn: string) => Promise<number>;
}

export interface EcsMachinesOptions {
  readonly client: Pick<ECSClient, 'send'>;
  readonly cluster: string;
}

export function ecsMachines({ client, cluster }: EcsMachinesOptions): EcsMachines {
  return {
    findByInstanceId: async (instanceId) => {
      const filter = `ec2InstanceId == ${plainInstanceId(instanceId)}`;
      const { containerInstanceArns } = await client.send(new ListContainerInstancesCommand({ cluster, filter, maxResults: 1 }));
      return containerInstanceArns?.[0] ?? null;
    },
    instanceIdOf: async (containerInstanceArn) => {
      const { containerInstances } = await client.send(
        new DescribeContainerInstancesCommand({ cluster, containerInstances: [containerInstanceArn] }),
      );
      return containerInstances?.[0]?.ec2InstanceId ?? null;
    },
    stopInterrupted: async (containerInstanceArn) => {
      let stopped = 0;
      for await (const tasks of liveTasks(client, cluster, containerInstanceArn)) {
        const arns = tasks.flatMap(({ taskArn }) => taskArn ?? []);
        await Promise.all(arns.map((task) => client.send(new StopTaskCommand({ cluster, task, reason: SPOT_STOP_REASON }))));
        stopped += arns.length;
      }
      return stopped;
    },
  };
}

/** The filter is a query language: nothing but an id may reach it. */
function plainInstanceId(instanceId: string): string {
  if (/^i-[0-9a-f]{8,40}$/.test(instanceId)) return instanceId;
  throw new TypeError('not the id of an EC2 instance');
}
