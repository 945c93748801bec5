/**
 * The proof that nothing is lost: one undisturbed run of a spec, and one that is killed at seeded moments all over its course and
 * resumed after each; then both must hold the same samples and the same scores. Used by one test file per example spec.
 */
import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { cp, mkdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import { parse } from 'yaml';
import { type LocalStores, openLocalStores } from '../../lib/compose/local.ts';
import type { JobRecord } from '../../lib/core/job.ts';
import type { JobScores } from '../../lib/core/scores.ts';
import { isInPhase, type Moment, type Watched } from './kill-moments.ts';
import { processesInRole, processesOf } from './process-scan.ts';
import { type RunningCli, runCli, ROOT, startCli } from './run-cli.ts';

/** An example spec with as many samples as its phases need to be hit: repeats make even a quick model flush several times. */
export interface TrialSpec {
  /** A file under examples/. */
  readonly example: string;
  readonly limit: number;
  readonly perItem: number;
}

export interface Trial {
  readonly spec: TrialSpec;
  readonly moments: readonly Moment[];
}

export interface TrialEnd {
  readonly landed: readonly (Moment & Struck)[];
  readonly starts: number;
}

const PHASE_WAIT_MS = 90_000;
const POLL_MS = 4;

/** A cache whose downloads are there but whose environments are not: installs are quick, and can be killed. */
async function cacheWithDownloads(): Promise<string> {
  const cacheDir = mkdtempSync(join(tmpdir(), 'bakeoff-kill-cache-'));
  const shared = process.env.BAKEOFF_CACHE ?? join(process.env.XDG_CACHE_HOME || join(process.env.HOME ?? '', '.cache'), 'bakeoff');
  await mkdir(cacheDir, { recursive: true });
  await cp(join(shared, 'tools'), join(cacheDir, 'tools'), { recursive: true }).catch(() => undefined);
  return cacheDir;
}

/** Writes the spec into a folder of its own and returns its path. */
function specFile({ example, limit, perItem }: TrialSpec): string {
  const spec = parse(readFileSync(join(ROOT, 'examples', example), 'utf8'));
  const path = join(mkdtempSync(join(tmpdir(), 'bakeoff-kill-spec-')), 'spec.json');
  writeFileSync(path, JSON.stringify({ ...spec, samples: { ...spec.samples, limit, perItem } }));
  return path;
}

export async function undisturbedScores(spec: TrialSpec): Promise<{ scores: Map<string, unknown>; samples: Map<string, string[]> }> {
  const dir = mkdtempSync(join(tmpdir(), 'bakeoff-undisturbed-'));
  const end = await runCli(['run', specFile(spec), '--dir', dir, '--json']);
  expect(end.exitCode, end.stderr).toBe(0);
  return outcomeOf(dir);
}

/** Kills at every moment, resuming after each; at the end lets the run finish, and checks what it holds. */
export async function killAndResume(trial: Trial, expected: Awaited<ReturnType<typeof undisturbedScores>>): Promise<TrialEnd> {
  const dir = mkdtempSync(join(tmpdir(), 'bakeoff-killed-'));
  const cacheDir = await cacheWithDownloads();
  const args = ['run', specFile(trial.spec), '--dir', dir, '--resume', '--json'];
  const environment = { BAKEOFF_CACHE: cacheDir };
  const landed: TrialEnd['landed'][number][] = [];
  let cli: RunningCli | null = null;
  let before: ReadonlyMap<string, JobRecord> = new Map();
  for (const moment of trial.moments) {
    if (cli === null) {
      before = await jobsNow(dir);
      cli = startCli(args, environment);
    }
    await reach(moment, cli, { dir, cacheDir, before });
    landed.push({ ...moment, ...(await strike(moment, cli, dir)) });
    if (moment.target === 'cli') {
      await cli.ended;
      await noProcessIsLeft(dir);
      cli = null;
    }
  }
  const end = await (cli ?? startCli(args, environment)).ended;
  expect(end.exitCode, end.stderr).toBe(0);
  await noProcessIsLeft(dir);
  const outcome = await outcomeOf(dir);
  expect(outcome.samples).toEqual(expected.samples);
  expect(outcome.scores).toEqual(expected.scores);
  const stores = openLocalStores(dir);
  const [run] = await stores.runs.listRuns(10);
  stores.close();
  return { landed, starts: run?.start ?? 0 };
}

async function jobsNow(dir: string): Promise<Map<string, JobRecord>> {
  const stores = openLocalStores(dir);
  try {
    const [run] = await stores.runs.listRuns(1);
    const jobs = run === undefined ? [] : await stores.runs.listJobs(run.runId);
    return new Map(jobs.map((job) => [job.jobId, job]));
  } finally {
    stores.close();
  }
}

/** Waits until the moment's phase is under way, and then its delay. Fails when the run ends before. */
async function reach(moment: Moment, cli: RunningCli, where: Pick<Watched, 'dir' | 'cacheDir' | 'before'>): Promise<void> {
  let over = false;
  void cli.ended.then(() => {
    over = true;
  });
  const deadline = Date.now() + PHASE_WAIT_MS;
  const stores = openLocalStores(where.dir);
  try {
    for (;;) {
      const [run] = await stores.runs.listRuns(1);
      if (await isInPhase(moment.phase, { ...where, runs: stores.runs, runId: run?.runId ?? null })) break;
      if (over) throw new Error(`the run ended before phase ${moment.phase} was seen: ${(await cli.ended).stderr.slice(-2000)}`);
      if (Date.now() > deadline) throw new Error(`phase ${moment.phase} was not seen within ${PHASE_WAIT_MS} ms`);
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
  } finally {
    stores.close();
  }
  await new Promise((resolve) => setTimeout(resolve, moment.delayMs));
}

/** Kills the target with SIGKILL and says what was missing when the kill landed. A target that is not there yet is waited for. */
async function strike(moment: Moment, cli: RunningCli, dir: string): Promise<Struck> {
  const deadline = Date.now() + PHASE_WAIT_MS;
  for (;;) {
    const pids = moment.target === 'cli' ? [cli.process.pid ?? 0] : processesInRole(dir, moment.target).map((found) => found.pid);
    const killed = pids.filter((pid) => isKilled(pid)).length;
    if (killed > 0) return { killed, ...(await missingNow(dir)) };
    if (Date.now() > deadline) throw new Error(`no ${moment.target} was there to be killed in phase ${moment.phase}`);
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

function isKilled(pid: number): boolean {
  try {
    process.kill(pid, 'SIGKILL');
    return true;
  } catch {
    return false;
  }
}

/** What is missing counts in stages of jobs: infinite before there is a plan. */
interface Struck {
  readonly killed: number;
  readonly unfinishedStages: number;
  readonly reportMissing: boolean;
}

async function missingNow(dir: string): Promise<Omit<Struck, 'killed'>> {
  const stores = openLocalStores(dir);
  try {
    const [run] = await stores.runs.listRuns(1);
    const jobs = run === undefined ? [] : await stores.runs.listJobs(run.runId);
    const reportMissing = run === undefined || run.finishedAtMs === null;
    if (jobs.length === 0) return { unfinishedStages: Number.POSITIVE_INFINITY, reportMissing };
    const stages = jobs.flatMap((job) => job.stages);
    return { unfinishedStages: stages.filter((stage) => stage.status !== 'finished').length, reportMissing };
  } finally {
    stores.close();
  }
}

async function noProcessIsLeft(dir: string): Promise<void> {
  const deadline = Date.now() + 20_000;
  while (processesOf(dir).length > 0 && Date.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 50));
  expect(processesOf(dir).map((found) => found.command)).toEqual([]);
}

/** Per job: its scores without latency, and the ids of its final rows as they stand in the part files, warm-up left out. */
async function outcomeOf(dir: string): Promise<{ scores: Map<string, unknown>; samples: Map<string, string[]> }> {
  const stores: LocalStores = openLocalStores(dir);
  try {
    const runs = await stores.runs.listRuns(10);
    expect(runs).toHaveLength(1);
    const [run] = runs;
    if (run === undefined) throw new Error('there is no run');
    expect(run.state).toBe('succeeded');
    const scores = new Map<string, unknown>();
    const samples = new Map<string, string[]>();
    for (const { jobId } of await stores.runs.listJobs(run.runId)) {
      const folder = join(dir, 'runs', run.runId, 'jobs', jobId);
      scores.set(jobId, withoutLatency(JSON.parse(readFileSync(join(folder, 'scores.json'), 'utf8'))));
      samples.set(jobId, finalRows(join(folder, 'samples')));
    }
    return { scores, samples };
  } finally {
    stores.close();
  }
}

function withoutLatency(scores: JobScores): unknown {
  const { latency: _latency, ...rest } = scores;
  return rest;
}

/** One entry per row: a sample that stood twice would show. */
function finalRows(folder: string): string[] {
  return readdirSync(folder)
    .flatMap((name) => readFileSync(join(folder, name), 'utf8').trimEnd().split('\n'))
    .map((line) => JSON.parse(line) as { sampleId: string; warmup: boolean; state: string })
    .filter((row) => !row.warmup)
    .map((row) => `${row.sampleId} ${row.state}`)
    .sort();
}

/** Every kill found work to destroy: the report, and before the report phase a stage too. */
export function expectAllLanded(end: TrialEnd): void {
  for (const kill of end.landed) {
    const where = `${kill.target} in ${kill.phase}`;
    expect(kill.killed, where).toBeGreaterThan(0);
    expect(kill.reportMissing, where).toBe(true);
    if (kill.phase !== 'report') expect(kill.unfinishedStages, where).toBeGreaterThan(0);
  }
}
