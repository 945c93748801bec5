/**
 * Live counts of a stage, and the beat that shows them. The same tick asks whether the attempt is still ours and whether the run was
 * cancelled. Started by run-driver.ts; both stages raise the counts.
 */
import type { Beat } from '../core/job.ts';
import { messageOf } from '../core/errors.ts';
import type { Clock, RunStore } from '../core/ports.ts';
import type { AttemptName, AttemptRecord } from './attempt-record.ts';
import type { Logger } from './logger.ts';
import type { StopSwitch } from './stop-switch.ts';

/** Between two beats: on one machine a beat is free; where each is paid for (main.ts says) they are fewer. */
export const BEAT_MS = 500;
/** The rate is that of the last so many beats. */
const RATE_BEATS = 10;

export interface Progress {
  planned: number;
  /** Terminal rows, failed ones included, of all attempts. */
  done: number;
  failed: number;
  readonly phase: () => string;
  /** Ends the phase before it. */
  readonly enter: (phase: string) => void;
  /** Milliseconds by phase so far; they leave no gap. */
  readonly phasesMs: () => Record<string, number>;
}

/** Nothing done yet, in phase `sync`. */
export function newProgress(): Progress {
  const spent: Record<string, number> = {};
  let phase = 'sync';
  let since = performance.now();
  const settle = (): void => {
    const now = performance.now();
    spent[phase] = (spent[phase] ?? 0) + now - since;
    since = now;
  };
  return {
    ...{ planned: 0, done: 0, failed: 0 },
    phase: () => phase,
    enter: (next) => {
      settle();
      phase = next;
    },
    phasesMs: () => {
      settle();
      return { ...spent };
    },
  };
}

export interface BeatOptions {
  readonly runs: RunStore;
  readonly record: AttemptRecord;
  readonly name: AttemptName;
  readonly stage: Beat['stage'];
  readonly clock: Clock;
  readonly progress: Progress;
  readonly stop: StopSwitch;
  readonly logger: Logger;
  readonly beatMs: number;
}

/** Beats at once and then every `beatMs`. Returns how to stop, after a last beat. */
export function startBeats(options: BeatOptions): () => Promise<void> {
  const { progress, stop, logger } = options;
  let recent: { atMs: number; done: number }[] = [];
  let phase = '';
  let complained = false;
  const beat = async (): Promise<void> => {
    const atMs = options.clock.nowMs();
    // A rate over time in which nothing could be done would promise too little.
    if (phase !== progress.phase()) recent = [];
    phase = progress.phase();
    recent.push({ atMs, done: progress.done });
    if (recent.length > RATE_BEATS) recent.shift();
    await options.runs.putBeat({
      ...{ runId: options.name.runId, jobId: options.name.jobId, stage: options.stage, attempt: options.name.attempt },
      ...{ phase: progress.phase(), planned: progress.planned, done: progress.done, failed: progress.failed },
      ratePerSecond: rateOf(recent),
      atMs,
    });
  };
  const tick = async (): Promise<void> => {
    try {
      if (!(await options.record.isOurs())) stop.stop('fenced');
      if (await options.record.isCancelled()) stop.stop('cancelled');
      await beat();
    } catch (error) {
      // A missed beat harms nobody; a store that stays broken shows itself when rows are written.
      if (!complained) logger(`a beat could not be written: ${messageOf(error)}`);
      complained = true;
    }
  };
  let ticking = tick();
  let busy = false;
  const timer = setInterval(() => {
    if (busy) return;
    busy = true;
    ticking = tick().finally(() => {
      busy = false;
    });
  }, options.beatMs);
  return async () => {
    clearInterval(timer);
    await ticking;
    if (stop.reason() !== 'fenced') await tick();
  };
}

function rateOf(recent: readonly { atMs: number; done: number }[]): number | null {
  const [first] = recent;
  const last = recent.at(-1);
  if (first === undefined || last === undefined || last.atMs <= first.atMs) return null;
  return ((last.done - first.done) * 1000) / (last.atMs - first.atMs);
}
