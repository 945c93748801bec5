/**
 * Seeded moments at which to kill a part of a run, each bound to a phase of the work. A moment lands when its phase is seen
 * and its extra delay has passed; whether work was missing then is for the caller to assert.
 */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { JobRecord } from '../../lib/core/job.ts';
import type { RunStore } from '../../lib/core/ports.ts';

export const PHASES = ['install', 'load', 'infer', 'flush', 'evaluate', 'report'] as const;
export type Phase = (typeof PHASES)[number];
export type Target = 'cli' | 'driver' | 'server' | 'worker';

export interface Moment {
  readonly phase: Phase;
  readonly target: Target;
  /** Waited after the phase was seen. */
  readonly delayMs: number;
}

/** A small seeded generator (mulberry32), enough to spread moments. */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Phase order follows a run, so that each moment still finds work to destroy. */
export function drawMoments(seed: number, counts: Readonly<Record<Phase, readonly Target[]>>): Moment[] {
  const random = seededRandom(seed);
  const longest: Readonly<Record<Phase, number>> = { install: 400, load: 300, infer: 250, flush: 20, evaluate: 150, report: 10 };
  return PHASES.flatMap((phase) => counts[phase].map((target) => ({ phase, target, delayMs: Math.floor(random() * longest[phase]) })));
}

export interface Watched {
  readonly dir: string;
  readonly cacheDir: string;
  readonly runs: RunStore;
  readonly runId: string | null;
}

/** True while the phase is going on, as the records and folders of the run show it. */
export async function isInPhase(phase: Phase, watched: Watched): Promise<boolean> {
  if (phase === 'install') return hasAside(watched.cacheDir);
  if (watched.runId === null) return false;
  const jobs = await watched.runs.listJobs(watched.runId);
  if (phase === 'report') return jobs.length > 0 && jobs.every((job) => job.state !== 'pending' && job.state !== 'running');
  const job = jobs.find((candidate) => candidate.state === 'running');
  const stage = job?.stages.find((candidate) => candidate.status === 'running');
  if (job === undefined || stage === undefined) return false;
  if (phase === 'evaluate') return stage.name.startsWith('evaluate:');
  if (stage.name !== 'infer') return false;
  if (phase === 'flush') return partCount(watched, job) > 0 || existsAside(watched.dir);
  const beat = (await watched.runs.listBeats(watched.runId)).find(
    (candidate) => candidate.jobId === job.jobId && candidate.attempt === stage.attempt,
  );
  return phase === 'load' ? stage.claim !== null && (beat === undefined || beat.done === 0) : beat !== undefined && beat.done > 0;
}

function hasAside(cacheDir: string): boolean {
  try {
    return readdirSync(cacheDir, { recursive: true, encoding: 'utf8' }).some((name) => /\.aside-[0-9a-f]+$/.test(name));
  } catch {
    return false;
  }
}

function partCount(watched: Watched, job: JobRecord): number {
  const folder = join(watched.dir, 'runs', job.runId, 'jobs', job.jobId, 'samples');
  const attempt = job.stages.find((stage) => stage.name === 'infer')?.attempt ?? 0;
  return existsSync(folder) ? readdirSync(folder).filter((name) => name.startsWith(`${attempt}-`)).length : 0;
}

function existsAside(dir: string): boolean {
  const folder = join(dir, '.aside');
  return existsSync(folder) && readdirSync(folder).length > 0;
}
