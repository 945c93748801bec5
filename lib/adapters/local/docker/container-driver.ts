/**
 * The driver of a task in a container that shares the model's network, so that it reaches the model on loopback and the model reaches
 * nothing. Speaks like the driver process that run-driver.ts starts. Called by run-container-task.ts.
 */
import { createInterface } from 'node:readline';
import { PassThrough } from 'node:stream';
import { type RunningDriver, readPhases } from '../process/run-driver.ts';
import { awaitExit } from './await-exit.ts';
import { type DriverContainerInput, driverContainer } from './container-settings.ts';
import { daemonWords, type DockerClient, unlessGone } from './docker-client.ts';

/** What it printed last may come after its end. */
const LAST_WORDS_MS = 5_000;

/** Resolves when the driver runs; its container is removed when it has ended. */
export async function startContainerDriver(
  docker: DockerClient,
  input: DriverContainerInput,
  onLog: (line: string) => void,
): Promise<RunningDriver> {
  const container = await docker.createContainer(driverContainer(input));
  const stream = await container.attach({ stream: true, hijack: true, stdin: true, stdout: true, stderr: true });
  const stdout = new PassThrough();
  const stderr = new PassThrough();
  docker.modem.demuxStream(stream, stdout, stderr);
  stream.on('error', () => undefined);
  const streamed = new Promise<void>((resolve) => {
    for (const event of ['end', 'close', 'error']) stream.on(event, () => resolve());
  });
  let phasesMs: Readonly<Record<string, number>> = {};
  createInterface({ input: stdout }).on('line', (line) => {
    phasesMs = readPhases(line) ?? phasesMs;
  });
  createInterface({ input: stderr }).on('line', onLog);
  await container.start();
  const ending = async (): Promise<number | null> => {
    try {
      const exitCode = await awaitExit(container);
      await Promise.race([streamed, new Promise((resolve) => setTimeout(resolve, LAST_WORDS_MS))]);
      return exitCode;
    } catch (cause) {
      onLog(`the driver's container is out of reach: ${daemonWords(cause)}`);
      return null;
    } finally {
      await unlessGone(container.remove({ force: true, v: true })).catch(() => undefined);
    }
  };
  return {
    exited: ending(),
    tell: (message) => {
      stream.write(`${JSON.stringify(message)}\n`);
    },
    signal: (signal) => void unlessGone(container.kill({ signal })).catch(() => undefined),
    phasesMs: () => phasesMs,
  };
}
