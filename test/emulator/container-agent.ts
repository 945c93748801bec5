/**
 * The part of the ECS agent that the emulator lacks: when the essential container of a task (the driver) has ended, its siblings are
 * stopped. MiniStack marks such a task as stopped and leaves the model running for ever. Also notes when each container started.
 */
import { get, type IncomingMessage } from 'node:http';
import { createInterface } from 'node:readline';
import { z } from 'zod';
import { CONTAINERS } from '../../lib/core/environment-names.ts';
import { tryCommand } from './run-command.ts';

const TASK_LABEL = 'com.amazonaws.ecs.task-arn';
const NAME_LABEL = 'com.amazonaws.ecs.container-name';
const DOCKER_SOCKET = '/var/run/docker.sock';
/** As in the task definitions: how long a model may take to end after SIGTERM. */
const MODEL_STOP_SECONDS = 20;

const eventSchema = z.object({
  Action: z.string(),
  timeNano: z.number(),
  Actor: z.object({ ID: z.string(), Attributes: z.record(z.string(), z.string()) }),
});

export interface ContainerStart {
  readonly containerId: string;
  readonly name: string;
  readonly taskArn: string;
  readonly atMs: number;
}

export interface ContainerAgent {
  /** All starts so far, in their order. */
  readonly starts: () => readonly ContainerStart[];
  readonly close: () => Promise<void>;
}

/** `ownerLabel` is `label=value` of the containers to look after. Listens to the daemon itself: the connection ends with this process. */
export async function startContainerAgent(ownerLabel: string): Promise<ContainerAgent> {
  const events = await listen(ownerLabel);
  const starts: ContainerStart[] = [];
  const pending = new Set<Promise<unknown>>();
  createInterface({ input: events }).on('line', (line) => {
    const { Action, timeNano, Actor } = eventSchema.parse(JSON.parse(line));
    const taskArn = Actor.Attributes[TASK_LABEL];
    const name = Actor.Attributes[NAME_LABEL];
    if (taskArn === undefined || name === undefined) return;
    if (Action === 'start') starts.push({ containerId: Actor.ID, name, taskArn, atMs: timeNano / 1e6 });
    if (Action !== 'die' || name !== CONTAINERS.driver) return;
    const stopping = stopSiblings(taskArn).finally(() => pending.delete(stopping));
    pending.add(stopping);
  });
  const close = async (): Promise<void> => {
    events.destroy();
    await Promise.all(pending);
  };
  return { starts: () => starts, close };
}

function listen(ownerLabel: string): Promise<IncomingMessage> {
  const filters = JSON.stringify({ type: ['container'], event: ['start', 'die'], label: [ownerLabel] });
  return new Promise((resolve, reject) => {
    const request = get({ socketPath: DOCKER_SOCKET, path: `/events?filters=${encodeURIComponent(filters)}` }, resolve);
    request.on('error', reject);
  });
}

async function stopSiblings(taskArn: string): Promise<void> {
  const { stdout } = await tryCommand('docker', ['ps', '-q', '--filter', `label=${TASK_LABEL}=${taskArn}`]);
  const ids = stdout.split('\n').filter((id) => id !== '');
  if (ids.length > 0) await tryCommand('docker', ['stop', '-t', String(MODEL_STOP_SECONDS), ...ids]);
}
