/**
 * The driver process: `node lib/driver/main.ts`, started once per stage and attempt beside a model or evaluator server. Composes the
 * ports, turns signals into a stop, and maps the end to an exit code. docs/driver.md tells the codes.
 */
import { type DriverStores, openDriverStores } from '../compose/driver-stores.ts';
import { BakeoffError, messageOf } from '../core/errors.ts';
import { environment } from '../settings.ts';
import { type DriverPlace, type DriverSettings, parseDriverSettings } from './driver-settings.ts';
import { type EcsTask, openEcsTask } from './ecs-task.ts';
import { wholeMemoryMiB } from './fits-device.ts';
import { type DriverEnd, type DriverOptions, runDriver } from './run-driver.ts';
import { makeTaskFolders, removeTaskFolders, SHARED_UMASK } from './task-folders.ts';
import { writeTaskNotes } from './write-task-notes.ts';
import { startWatchdog } from './watchdog.ts';

/** Hard limits after a stop was asked for; ECS kills 80 s after its SIGTERM. */
const ORPHAN_EXIT_MS = 5_000;
const TERM_EXIT_MS = 75_000;

/** On AWS a beat is a write and two reads of the table: at this rate under a tenth of a cent an hour. */
const AWS_BEAT_MS = 5_000;

/** The results stay readable to everybody who may enter their folder, as without containers. */
const CONTAINED_UMASK = 0o002;

const clock = { nowMs: () => Date.now() };

const EXIT = { done: 0, ended: 1, fenced: 3, unrecorded: 4, badSettings: 2 } as const;

const logger = (line: string): void => {
  process.stderr.write(`driver: ${line}\n`);
};

type Stopping = Pick<DriverOptions, 'signal'> & { readonly serverExited: () => boolean };

async function main(): Promise<number> {
  const settings = parseDriverSettings(environment());
  const { place } = settings;
  const stopping = listenForStop(place.kind === 'machine');
  const watchdog = startWatchdog(settings.stallMs);
  const stores = await openDriverStores(place, `${settings.inputsDir}/objects`);
  try {
    const end = await (place.kind === 'machine'
      ? runHere(settings, place, stores, stopping)
      : runInTask(settings, place, stores, stopping));
    report(settings, end);
    return exitCodeOf(end);
  } finally {
    stores.close();
    await watchdog.close();
  }
}

/** Beside a container the umask leaves the group its rights: the model is another user of it. */
async function runHere(
  settings: DriverSettings,
  { taskId, contained }: Extract<DriverPlace, { kind: 'machine' }>,
  stores: DriverStores,
  stopping: Stopping,
): Promise<DriverEnd> {
  if (contained) process.umask(CONTAINED_UMASK);
  return runDriver({ ...settings, ...stores, ...stopping, taskId, clock, logger, onPhases: writePhases });
}

/** Beside a model's container in an ECS task: folders on the task's volumes, figures from the agent. */
async function runInTask(
  settings: DriverSettings,
  { metadataUrl }: Extract<DriverPlace, { kind: 'aws' }>,
  stores: DriverStores,
  stopping: Stopping,
): Promise<DriverEnd> {
  process.umask(SHARED_UMASK);
  const task: EcsTask = await openEcsTask(metadataUrl);
  try {
    await makeTaskFolders(settings);
    let phases: Readonly<Record<string, number>> | null = null;
    const onPhases = (phasesMs: Readonly<Record<string, number>>): void => {
      phases = phasesMs;
      writePhases(phasesMs);
    };
    const { taskArn: taskId, serverExited } = task;
    const inTask = { tuning: { beatMs: AWS_BEAT_MS }, machineMemoryMiB: wholeMemoryMiB() };
    const end = await runDriver({ ...settings, ...stores, ...stopping, taskId, serverExited, clock, logger, onPhases, ...inTask });
    if (phases !== null) await writeTaskNotes(stores.objects, settings, { phasesMs: phases, server: await task.usage() }, logger);
    return end;
  } finally {
    task.close();
    await removeTaskFolders(settings);
  }
}

/** One line of JSON on standard output, for whoever accounts for the task's time. */
function writePhases(phasesMs: Readonly<Record<string, number>>): void {
  process.stdout.write(`${JSON.stringify({ event: 'phases', phasesMs })}\n`);
}

/**
 * SIGTERM and SIGINT stop the driver. Where standard input is a pipe of whoever started it, so does its end, and a line `server-exited` says
 * that no server will come; a container's standard input means nothing.
 */
function listenForStop(hasStarter: boolean): Stopping {
  const controller = new AbortController();
  const stop = (reason: string, limitMs: number): void => {
    controller.abort(reason);
    setTimeout(() => process.exit(EXIT.ended), limitMs).unref();
  };
  process.on('SIGTERM', () => stop('terminated', TERM_EXIT_MS));
  process.on('SIGINT', () => stop('terminated', TERM_EXIT_MS));
  if (!hasStarter) return { signal: controller.signal, serverExited: () => false };
  let exited = false;
  process.stdin.on('data', (chunk) => {
    exited ||= chunk.toString().includes('server-exited');
  });
  for (const event of ['end', 'close', 'error']) process.stdin.on(event, () => stop('orphaned', ORPHAN_EXIT_MS));
  process.stdin.resume();
  return { signal: controller.signal, serverExited: () => exited };
}

function report({ jobId, stage, attempt }: DriverSettings, end: DriverEnd): void {
  const about = `job ${jobId}, stage ${stage}, attempt ${attempt}`;
  if (end.kind === 'finished')
    logger(`${about}: finished, ${end.outcome.succeeded} succeeded, ${end.outcome.failed} failed of ${end.outcome.planned}`);
  else if (end.kind === 'fenced') logger(`${about}: another driver has this attempt; nothing was done`);
  else {
    const { code, message } = end.kind === 'ended' ? end.end.failure : end.failure;
    logger(`${about}: ${code}: ${message}`);
  }
}

function exitCodeOf(end: DriverEnd): number {
  if (end.kind === 'finished') return EXIT.done;
  if (end.kind === 'ended') return end.end.kind === 'stopped' ? EXIT.done : EXIT.ended;
  return end.kind === 'fenced' ? EXIT.fenced : EXIT.unrecorded;
}

main().then(
  (code) => process.exit(code),
  (error) => {
    const remedy = error instanceof BakeoffError ? ` ${error.remedy}` : '';
    logger(`${messageOf(error)}.${remedy}`);
    process.exit(error instanceof BakeoffError && error.code === 'driver-settings' ? EXIT.badSettings : EXIT.unrecorded);
  },
);
