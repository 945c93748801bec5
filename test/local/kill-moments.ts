/**
 * Seeded moments at which to kill a part of a run, each bound to a phase of the work. A moment lands when its phase is seen
 * and its extra delay has passed; whether work was missing then is for the caller to assert.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { JobRecord, StageRecord } from '../../lib/core/job.ts';
import { keys } from '../../lib/core/object-key.ts';
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
  /** The jobs as they stood before this CLI was started: what it has not moved on yet is an earlier one's. */
  readonly before: ReadonlyMap<string, JobRecord>;
}

/** True while this CLI is in the phase, as the records and folders of the run show it. */
export async function isInPhase(phase: Phase, watched: Watched): Promise<boolean> {
  if (phase === 'install') return hasAside(watched.cacheDir);
  if (watched.runId === null) return false;
  const jobs = await watched.runs.listJobs(watched.runId);
  // Advance has been through every job, and found or made each one settled: the report is being written.
  if (phase === 'report') return jobs.length > 0 && jobs.every((job) => isSettled(job) && job.version > versionBefore(watched, job));
  const job = jobs.find((candidate) => candidate.state === 'running');
  const stage = job?.stages.find((candidate) => candidate.status === 'running');
  if (job === undefined || stage === undefined || stage.attempt <= attemptBefore(watched, job, stage)) return false;
  if (phase === 'evaluate') return stage.name.startsWith('evaluate:') && stage.claim !== null;
  if (stage.name !== 'infer' || stage.claim === null) return false;
  if (phase === 'flush') return partCount(watched, job) > 0 || existsAside(watched.dir);
  return (phase === 'infer') === (readyAttempt(watched, job) === stage.attempt);
}

function isSettled(job: JobRecord): boolean {
  return job.state !== 'pending' && job.state !== 'running';
}

function versionBefore(watched: Watched, job: JobRecord): number {
  return watched.before.get(job.jobId)?.version ?? 0;
}

function attemptBefore(watched: Watched, job: JobRecord, stage: StageRecord): number {
  return watched.before.get(job.jobId)?.stages.find((candidate) => candidate.name === stage.name)?.attempt ?? 0;
}

/** The attempt whose server was ready last: the driver writes what the server runs on right before it sends the first request. */
function readyAttempt(watched: Watched, job: JobRecord): number {
  const path = join(watched.dir, keys.device(job.runId, job.jobId));
  return existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')).attempt : 0;
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
