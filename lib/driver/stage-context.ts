/**
 * What both stages of the driver are given, and how they end. Made by run-driver.ts.
 */
import type { AttemptEnd, StageOutcome, StageRecord, Suspect } from '../core/job.ts';
import type { ObjectStore } from '../core/ports.ts';
import type { Logger } from './logger.ts';
import type { Progress } from './progress.ts';
import type { FrozenJob } from './read-job.ts';
import type { StopSwitch } from './stop-switch.ts';

export interface DriverTuning {
  /** Silence on /health that makes a server hung. */
  readonly hangMs: number;
  /** How long in-flight samples may go on after SIGTERM. */
  readonly drainMs: number;
  /** Between two beats, and two looks at whether the attempt is still ours. */
  readonly beatMs: number;
}

export interface StageContext {
  readonly objects: ObjectStore;
  /** Frees what `objects.localPath` has copied to this machine; the paths may go. */
  readonly dropCopies: (paths: readonly string[]) => Promise<void>;
  readonly frozen: FrozenJob;
  /** As claimed. */
  readonly stage: StageRecord;
  readonly attempt: number;
  readonly serverUrl: string;
  readonly instance: string;
  readonly outputsDir: string;
  readonly inputsDir: string;
  readonly scratchDir: string;
  readonly stop: StopSwitch;
  readonly progress: Progress;
  readonly logger: Logger;
  /** Of the machine that the server runs on. */
  readonly machineMemoryMiB: number;
  readonly serverExited: () => boolean;
  readonly tuning: DriverTuning;
}

/** Why a stage may end before its last sample and still be finished. */
export type Stopped = NonNullable<StageOutcome['stopped']>;

export type StageEnd =
  | { readonly kind: 'finished'; readonly outcome: StageOutcome }
  | { readonly kind: 'ended'; readonly end: AttemptEnd; readonly suspects: readonly Suspect[] };

/** The part of the stop reasons that finishes a stage; null for the others. */
export function stoppedOf(stop: StopSwitch): Stopped | null {
  const reason = stop.reason();
  return reason === 'error-rate' || reason === 'saturated' || reason === 'job-deadline' || reason === 'cancelled' ? reason : null;
}
