/**
 * The part of the ECS agent that the emulator lacks: when the essential container of a task (the driver) has ended, its siblings are
 * stopped. MiniStack marks such a task as stopped and leaves the model running for ever. Also notes when each container started.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { z } from 'zod';
import { CONTAINERS } from '../../lib/core/environment-names.ts';
import { tryCommand } from './run-command.ts';

const TASK_LABEL = 'com.amazonaws.ecs.task-arn';
const NAME_LABEL = 'com.amazonaws.ecs.container-name';
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

/** `ownerLabel` is `label=value` of the containers to look after. */
export function startContainerAgent(ownerLabel: string): ContainerAgent {
  const args = ['events', '--format', '{{json .}}', '--filter', `label=${ownerLabel}`, '--filter', 'event=start', '--filter', 'event=die'];
  const events: ChildProcess = spawn('docker', args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const starts: ContainerStart[] = [];
  const pending = new Set<Promise<unknown>>();
  const lines = createInterface({ input: events.stdout! });
  lines.on('line', (line) => {
    const { Action, timeNano, Actor } = eventSchema.parse(JSON.parse(line));
    const taskArn = Actor.Attributes[TASK_LABEL];
    const name = Actor.Attributes[NAME_LABEL];
    if (taskArn === undefined || name === undefined) return;
    if (Action === 'start') starts.push({ containerId: Actor.ID, name, taskArn, atMs: timeNano / 1e6 });
    if (Action !== 'die' || name !== CONTAINERS.driver) return;
    const stopping = stopSiblings(taskArn).finally(() => pending.delete(stopping));
    pending.add(stopping);
  });
  const closed = new Promise<void>((resolve) => events.on('close', () => resolve()));
  const close = async (): Promise<void> => {
    events.kill('SIGTERM');
    await closed;
    await Promise.all(pending);
  };
  return { starts: () => starts, close };
}

async function stopSiblings(taskArn: string): Promise<void> {
  const { stdout } = await tryCommand('docker', ['ps', '-q', '--filter', `label=${TASK_LABEL}=${taskArn}`]);
  const ids = stdout.split('\n').filter((id) => id !== '');
  if (ids.length > 0) await tryCommand('docker', ['stop', '-t', String(MODEL_STOP_SECONDS), ...ids]);
}
