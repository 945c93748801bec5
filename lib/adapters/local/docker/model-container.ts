/**
 * A model or an evaluator in a container: started, watched, stopped, its last words kept. Called by run-container-task.ts; it does not wait
 * for readiness, which is the driver's to see.
 */
import type { Container } from 'dockerode';
import { BakeoffError } from '../../../core/errors.ts';
import type { RunningServer } from '../process/start-server.ts';
import type { ServerExit } from '../process/supervisor-messages.ts';
import { awaitExit } from './await-exit.ts';
import { type ModelContainerInput, modelContainer, STOP_SECONDS } from './container-settings.ts';
import { type UsageWatch, watchContainer } from './control-group.ts';
import { daemonWords, type DockerClient, statusOf, unlessGone } from './docker-client.ts';

const TAIL_BYTES = 4096;
const TAIL_LINES = 200;
const LOOK_MS = 200;

export interface RunningContainer extends Pick<RunningServer, 'url' | 'exited' | 'stop'> {
  readonly id: string;
}

/** Resolves when the container runs. Throws `container-not-started` with Docker's words; nothing of it is left then. */
export async function startModelContainer(docker: DockerClient, input: ModelContainerInput): Promise<RunningContainer> {
  const container = await create(docker, input);
  try {
    await container.start();
  } catch (cause) {
    await unlessGone(container.remove({ force: true, v: true }));
    throw notStarted(cause);
  }
  const { State } = await container.inspect();
  const watch = watchContainer(State.Pid);
  // The kernel may kill a worker and leave the server: that is the evidence, and the server goes as a whole, as it does without containers.
  const killer = setInterval(() => {
    if (watch.isOutOfMemory()) void unlessGone(container.kill({ signal: 'SIGKILL' })).catch(() => undefined);
  }, LOOK_MS);
  const exited = endOf(container, watch).finally(() => clearInterval(killer));
  const stop = async (): Promise<ServerExit> => {
    watch.end();
    await unlessGone(container.stop({ t: STOP_SECONDS })).catch(() => undefined);
    return exited;
  };
  return { id: container.id, url: `http://127.0.0.1:${input.port}`, exited, stop };
}

async function create(docker: DockerClient, input: ModelContainerInput): Promise<Container> {
  try {
    return await docker.createContainer(modelContainer(input));
  } catch (cause) {
    throw statusOf(cause) === null ? cause : notStarted(cause);
  }
}

/** Never rejects: a daemon that has gone is an end too. */
async function endOf(container: Container, watch: UsageWatch): Promise<ServerExit> {
  try {
    await awaitExit(container);
    const { State } = await container.inspect();
    const usage = watch.end();
    const isOutOfMemory = State.OOMKilled || watch.isOutOfMemory();
    const reason = isOutOfMemory ? 'OutOfMemoryError' : null;
    return { exitCode: State.ExitCode, signal: null, reason, ...usage, logTail: await tailOf(container) };
  } catch (cause) {
    const reason = `docker-gone: ${daemonWords(cause)}`;
    return { exitCode: null, signal: null, reason, ...watch.end(), logTail: null };
  }
}

/** The last 4 KiB of both streams; null when there is nothing. */
async function tailOf(container: Container): Promise<string | null> {
  const raw = await container.logs({ stdout: true, stderr: true, tail: TAIL_LINES, follow: false }).catch(() => null);
  if (raw === null) return null;
  const pieces: Buffer[] = [];
  // Frames of 8 bytes (stream, length) and payload: the API's own format for a container without a terminal.
  for (let at = 0; at + 8 <= raw.length; ) {
    const length = raw.readUInt32BE(at + 4);
    pieces.push(raw.subarray(at + 8, at + 8 + length));
    at += 8 + length;
  }
  const text = Buffer.concat(pieces).toString('utf8').trimEnd();
  if (text === '') return null;
  if (text.length <= TAIL_BYTES) return text;
  const end = text.slice(-TAIL_BYTES);
  return end.slice(end.indexOf('\n') + 1);
}

function notStarted(cause: unknown): BakeoffError {
  return new BakeoffError({
    code: 'container-not-started',
    message: `Docker could not start the container: ${daemonWords(cause)}`,
    remedy: 'Look at what Docker says of its command, devices and limits.',
    kind: 'environment',
    cause,
  });
}
