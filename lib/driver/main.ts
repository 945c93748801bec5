/**
 * The driver process: `node lib/driver/main.ts`, started once per stage and attempt beside a model or evaluator server. Composes the
 * ports, turns signals into a stop, and maps the end to an exit code. docs/driver.md tells the codes.
 */
import { openLocalStores, systemClock } from '../compose/local.ts';
import { BakeoffError, messageOf } from '../core/errors.ts';
import { environment } from '../settings.ts';
import { type DriverSettings, parseDriverSettings } from './driver-settings.ts';
import { type DriverEnd, runDriver } from './run-driver.ts';
import { startWatchdog } from './watchdog.ts';

/** Hard limits after a stop was asked for. */
const ORPHAN_EXIT_MS = 5_000;
const TERM_EXIT_MS = 80_000;

const EXIT = { done: 0, ended: 1, fenced: 3, unrecorded: 4, badSettings: 2 } as const;

const logger = (line: string): void => {
  process.stderr.write(`driver: ${line}\n`);
};

async function main(): Promise<number> {
  const settings = parseDriverSettings(environment());
  const stopping = listenForStop();
  const watchdog = startWatchdog(settings.stallMs);
  const stores = openLocalStores(settings.dir);
  try {
    const ports = { objects: stores.objects, runs: stores.runs, clock: systemClock };
    const end = await runDriver({ ...settings, ...ports, ...stopping, logger, onPhases: writePhases });
    report(settings, end);
    return exitCodeOf(end);
  } finally {
    stores.close();
    await watchdog.close();
  }
}

/** One line of JSON on standard output, for whoever accounts for the task's time. */
function writePhases(phasesMs: Readonly<Record<string, number>>): void {
  process.stdout.write(`${JSON.stringify({ event: 'phases', phasesMs })}\n`);
}

/** SIGTERM, SIGINT or the end of standard input stop the driver; a line `server-exited` there says that no server will come. */
function listenForStop(): { signal: AbortSignal; serverExited: () => boolean } {
  const controller = new AbortController();
  const stop = (reason: string, limitMs: number): void => {
    controller.abort(reason);
    setTimeout(() => process.exit(EXIT.ended), limitMs).unref();
  };
  process.on('SIGTERM', () => stop('terminated', TERM_EXIT_MS));
  process.on('SIGINT', () => stop('terminated', TERM_EXIT_MS));
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
