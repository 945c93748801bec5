/**
 * The driver as a function of its ports: claims an attempt, runs its stage, writes how it ended. main.ts is its only caller in
 * production. A stage is finished because the record says so, and the record is written here, after the last row is durable.
 */
import { mkdir, rm } from 'node:fs/promises';
import { messageOf } from '../core/errors.ts';
import type { Failure } from '../core/failure.ts';
import type { AttemptEnd, StageOutcome, StageRecord } from '../core/job.ts';
import type { Clock, ObjectStore, RunStore } from '../core/ports.ts';
import { type AttemptRecord, attemptRecord } from './attempt-record.ts';
import { failureOf } from './driver-failure.ts';
import { evaluateStage } from './evaluate-stage.ts';
import { inferStage } from './infer-stage.ts';
import { machineMemoryMiB } from './fits-device.ts';
import type { Logger } from './logger.ts';
import { PartTaken } from './part-writer.ts';
import { BEAT_MS, newProgress, type Progress, startBeats } from './progress.ts';
import { readJob } from './read-job.ts';
import { HANG_MS } from './server-pulse.ts';
import type { DriverTuning, StageContext, StageEnd } from './stage-context.ts';
import { type StopSwitch, stopSwitch } from './stop-switch.ts';

export interface DriverOptions {
  readonly objects: ObjectStore;
  /** Frees what `objects.localPath` has copied to this machine; left out where it copies nothing. */
  readonly dropCopies?: (paths: readonly string[]) => Promise<void>;
  readonly runs: RunStore;
  readonly clock: Clock;
  readonly runId: string;
  readonly jobId: string;
  readonly stage: StageRecord['name'];
  readonly attempt: number;
  readonly taskId: string;
  readonly serverUrl: string;
  readonly instance: string;
  /** Where the model writes; hostile. */
  readonly outputsDir: string;
  /** Where the model reads; written by the driver. */
  readonly inputsDir: string;
  /** The driver's own, out of the model's reach. */
  readonly scratchDir: string;
  /** Aborted to stop: reason `orphaned` when the starter is gone, else as SIGTERM. */
  readonly signal: AbortSignal;
  readonly logger: Logger;
  /** Of the machine that the server runs on; by default what this process may have. */
  readonly machineMemoryMiB?: number;
  /** True once the starter has told that the server's process ended. */
  readonly serverExited?: () => boolean;
  /** Told once, at the end of a claimed attempt: where its time went. */
  readonly onPhases?: (phasesMs: Readonly<Record<string, number>>) => void;
  readonly tuning?: Partial<DriverTuning>;
}

export type DriverEnd =
  | { readonly kind: 'finished'; readonly outcome: StageOutcome }
  | { readonly kind: 'ended'; readonly end: AttemptEnd }
  /** The attempt is not current, or another driver's: nothing was written. */
  | { readonly kind: 'fenced' }
  /** Not even the record could be written. */
  | { readonly kind: 'unrecorded'; readonly failure: Failure };

const DRAIN_MS = 3_000;

/** Runs the attempt to its end, whatever that is. Never rejects. */
export async function runDriver(options: DriverOptions): Promise<DriverEnd> {
  const { runId, jobId, stage, attempt, taskId } = options;
  const record = attemptRecord(options.runs, { runId, jobId, stage, attempt, taskId });
  const stop = stopSwitch();
  const onAbort = (): void => stop.stop(options.signal.reason === 'orphaned' ? 'orphaned' : 'terminated');
  options.signal.addEventListener('abort', onAbort);
  if (options.signal.aborted) onAbort();
  try {
    const claimed = await record.claim();
    if (claimed === null) return { kind: 'fenced' };
    const end = await stageEnd(options, record, claimed, stop);
    if (end === null || stop.reason() === 'fenced') return { kind: 'fenced' };
    return await writeEnd(record, end);
  } catch (error) {
    return { kind: 'unrecorded', failure: failureOf(error) };
  } finally {
    options.signal.removeEventListener('abort', onAbort);
  }
}

/** Null when another driver took over meanwhile. */
async function stageEnd(options: DriverOptions, record: AttemptRecord, claimed: StageRecord, stop: StopSwitch): Promise<StageEnd | null> {
  const progress = newProgress();
  const { runs, clock, logger, stage } = options;
  const stopBeats = startBeats({
    ...{ runs, record, clock, progress, stop, logger, stage },
    name: options,
    beatMs: options.tuning?.beatMs ?? BEAT_MS,
  });
  let deadline: NodeJS.Timeout | undefined;
  try {
    const frozen = await readJob(options.objects, options.runId, options.jobId);
    // setTimeout takes at most 31 bits of milliseconds, 24.8 days.
    deadline = setTimeout(() => stop.stop('job-deadline'), Math.min(frozen.job.limits.jobMs, 2 ** 31 - 1));
    await mkdir(options.scratchDir, { recursive: true, mode: 0o700 });
    const context = contextOf(options, frozen, claimed, stop, progress);
    return await (stage === 'infer' ? inferStage(context) : evaluateStage(context));
  } catch (error) {
    if (error instanceof PartTaken) return null;
    const failure = failureOf(error);
    return { kind: 'ended', end: { kind: 'driver-error', failure, newRows: 0 }, suspects: claimed.suspects };
  } finally {
    clearTimeout(deadline);
    await stopBeats();
    options.onPhases?.(progress.phasesMs());
    await rm(options.scratchDir, { recursive: true, force: true }).catch((error) => logger(messageOf(error)));
  }
}

function contextOf(
  options: DriverOptions,
  frozen: StageContext['frozen'],
  claimed: StageRecord,
  stop: StopSwitch,
  progress: Progress,
): StageContext {
  const { objects, attempt, serverUrl, instance, outputsDir, inputsDir, scratchDir, logger } = options;
  const serverExited = options.serverExited ?? (() => false);
  const memoryMiB = options.machineMemoryMiB ?? machineMemoryMiB();
  const dropCopies = options.dropCopies ?? (async () => {});
  const tuning = { hangMs: HANG_MS, drainMs: DRAIN_MS, beatMs: BEAT_MS, ...options.tuning };
  return {
    ...{ objects, frozen, attempt, serverUrl, instance, outputsDir, inputsDir, scratchDir, stop, progress, logger },
    ...{ serverExited, dropCopies, machineMemoryMiB: memoryMiB, tuning, stage: claimed },
  };
}

async function writeEnd(record: AttemptRecord, end: StageEnd): Promise<DriverEnd> {
  if (end.kind === 'finished') {
    const { outcome } = end;
    const done = { status: 'finished' as const, outcome, attemptEnd: null, suspects: [], failure: null };
    return (await record.amend((stage) => ({ ...stage, ...done }))) ? { kind: 'finished', outcome } : { kind: 'fenced' };
  }
  const written = await record.amend((stage) => ({ ...stage, attemptEnd: end.end, suspects: [...end.suspects] }));
  return written ? { kind: 'ended', end: end.end } : { kind: 'fenced' };
}
