/** What runs in Docker for one emulator: containers by the label that MiniStack gives them. Used by the harness and by its tests. */
import { runCommand } from './run-command.ts';

const TASK_LABEL = 'com.amazonaws.ecs.task-arn';
const NAME_LABEL = 'com.amazonaws.ecs.container-name';

export interface TaskContainer {
  readonly id: string;
  readonly state: string;
  readonly taskArn: string;
  /** `driver` or `model`. */
  readonly name: string;
}

/** Containers of tasks that carry `ownerLabel`, ended ones too. */
export async function listTaskContainers(ownerLabel: string): Promise<TaskContainer[]> {
  const format = `{{.ID}}\t{{.State}}\t{{.Label "${TASK_LABEL}"}}\t{{.Label "${NAME_LABEL}"}}`;
  const text = await runCommand('docker', ['ps', '-a', '--no-trunc', '--filter', `label=${ownerLabel}`, '--format', format]);
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const [id = '', state = '', taskArn = '', name = ''] = line.split('\t');
      return { id, state, taskArn, name };
    });
}

export async function runningTaskContainers(ownerLabel: string): Promise<TaskContainer[]> {
  return (await listTaskContainers(ownerLabel)).filter(({ state }) => state === 'running');
}

/** The variable of a container's environment, or null. */
export async function variableOf(containerId: string, name: string): Promise<string | null> {
  const text = await runCommand('docker', ['inspect', '--format', '{{range .Config.Env}}{{println .}}{{end}}', containerId]);
  const line = text.split('\n').find((each) => each.startsWith(`${name}=`));
  return line === undefined ? null : line.slice(name.length + 1);
}
