/**
 * What the terminal shows while a run goes on: one line per job, from its record and its last beat. Pure: the caller says when
 * and where to draw.
 */
import type { Beat, JobRecord, RunRecord, StageRecord } from '../core/job.ts';

/** As much of a job's record as is shown: a deployment tells no more. */
export interface ProgressJob extends Pick<JobRecord, 'jobId' | 'state' | 'failure'> {
  readonly stages: ReadonlyArray<Pick<StageRecord, 'status' | 'attempt' | 'outcome'> & { readonly name: string }>;
}

export interface ProgressState {
  readonly run: Pick<RunRecord, 'runId' | 'createdAtMs'>;
  readonly jobs: readonly ProgressJob[];
  readonly beats: readonly Beat[];
  readonly nowMs: number;
  /** Names of jobs that tell siblings apart, by job id; a job without one goes by its id. */
  readonly labels?: ReadonlyMap<string, string>;
  /** True when nobody drives the run any more. */
  readonly isInterrupted?: boolean;
  /** Of all jobs, where `jobs` are only the first of them. */
  readonly counts?: { readonly settled: number; readonly total: number };
}

const MARKS: Readonly<Record<JobRecord['state'], string>> = {
  pending: '·',
  running: '>',
  succeeded: '✓',
  incomplete: '!',
  failed: '✗',
  cancelled: '-',
  stopped: '-',
};

/** The driver's phases in words; those of a moment (sync, flush) and the one that is the stage itself need none. */
const PHASES: ReadonlyMap<string, string> = new Map([
  ['load', 'loading'],
  ['warm-up', 'warming up'],
  ['audit', 'sending again'],
]);

/** Phases in which samples end: only there a rate says when the stage will end. */
const MEASURED_PHASES: ReadonlySet<string> = new Set(['infer', 'evaluate']);

const NAME_WIDTH = { least: 12, most: 34 };
const SILENT_MS = 10_000;

/** At most `columns` wide, one line per job and a head line. */
export function progressLines(state: ProgressState, columns: number): string[] {
  const { settled, total } = state.counts ?? { settled: state.jobs.filter(isSettled).length, total: state.jobs.length };
  const hidden = total - state.jobs.length;
  const elapsed = formatDuration(state.nowMs - state.run.createdAtMs);
  const ending = state.isInterrupted === true ? '  interrupted' : '';
  const head = `${state.run.runId}  ${settled}/${total} jobs  ${elapsed}${ending}`;
  const longest = Math.max(NAME_WIDTH.least, ...state.jobs.map((job) => nameOf(job, state).length));
  const lines = state.jobs.map((job) => jobLine(job, state, Math.min(NAME_WIDTH.most, longest)));
  const rest = hidden > 0 ? [`  and ${hidden} more jobs`] : [];
  return [head, ...lines, ...rest].map((line) => (line.length > columns ? `${line.slice(0, columns - 1)}…` : line));
}

function jobLine(job: ProgressJob, state: ProgressState, nameWidth: number): string {
  const name = nameOf(job, state);
  const shown = name.length > nameWidth ? `${name.slice(0, nameWidth - 1)}…` : name.padEnd(nameWidth);
  return `${MARKS[job.state]} ${shown}  ${describeJob(job, state)}`;
}

function nameOf(job: ProgressJob, { labels }: ProgressState): string {
  return labels?.get(job.jobId) ?? job.jobId;
}

function isSettled({ state }: ProgressJob): boolean {
  return state !== 'pending' && state !== 'running';
}

function describeJob(job: ProgressJob, state: ProgressState): string {
  if (job.state === 'pending') return state.isInterrupted === true ? 'not begun' : 'waiting';
  if (job.state === 'running') return describeRunning(job, state);
  const outcome = job.stages.find((stage) => stage.name === 'infer')?.outcome ?? null;
  const samples = outcome === null ? '' : `  ${outcome.succeeded}/${outcome.planned} samples`;
  const cause = job.failure === null ? '' : `  ${job.failure.code}: ${oneLine(job.failure.message)}`;
  const failed = outcome !== null && outcome.failed > 0 ? `, ${outcome.failed} failed` : '';
  return `${job.state}${samples}${failed}${cause}`;
}

function describeRunning(job: ProgressJob, state: ProgressState): string {
  const stage = job.stages.find(({ status }) => status === 'running' || status === 'pending');
  const name = (stage?.name ?? 'score').split(':')[0] ?? '';
  const beat = beatOf(job, state);
  if (state.isInterrupted === true) return ['interrupted in', name, beat === null ? '' : countOf(beat)].join(' ').trimEnd();
  if (beat === null) return stage?.status === 'running' ? `${name}  starting` : name;
  const silentMs = state.nowMs - beat.atMs;
  return [
    name,
    PHASES.get(beat.phase) ?? '',
    countOf(beat),
    ...speedOf(beat),
    beat.failed === 0 ? '' : `${beat.failed} failed`,
    beat.attempt > 1 ? `attempt ${beat.attempt}` : '',
    silentMs > SILENT_MS ? `no sign of life for ${formatDuration(silentMs)}` : '',
  ]
    .filter((part) => part !== '')
    .join('  ');
}

/** The beat of the attempt that runs; null when there is none yet, or only that of an earlier one. */
function beatOf(job: ProgressJob, { beats }: ProgressState): Beat | null {
  const stage = job.stages.find(({ status }) => status === 'running');
  const beat = beats.find(({ jobId }) => jobId === job.jobId);
  return stage !== undefined && beat?.stage === stage.name && beat.attempt === stage.attempt ? beat : null;
}

/** Before the items are counted, and while nothing can have ended, there is no count to show. */
function countOf({ phase, planned, done }: Beat): string {
  return planned === 0 || (done === 0 && !MEASURED_PHASES.has(phase)) ? '' : `${done}/${planned}`;
}

function speedOf({ phase, ratePerSecond, planned, done }: Beat): string[] {
  if (!MEASURED_PHASES.has(phase) || ratePerSecond === null || ratePerSecond <= 0) return [];
  const left = planned - done;
  return [formatRate(ratePerSecond), left <= 0 ? '' : `ETA ${formatDuration((left / ratePerSecond) * 1000)}`];
}

/** `340/s`, `12/s`, `1.5/s`, `4.2/min`. */
export function formatRate(ratePerSecond: number): string {
  if (ratePerSecond >= 10) return `${Math.round(ratePerSecond)}/s`;
  return ratePerSecond >= 0.95 ? `${ratePerSecond.toFixed(1)}/s` : `${(ratePerSecond * 60).toPrecision(2)}/min`;
}

/** `7s`, `2m05s`, `1h02m`. */
export function formatDuration(durationMs: number): string {
  const seconds = Math.max(0, Math.round(durationMs / 1000));
  if (seconds < 60) return `${seconds}s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)}m${String(seconds % 60).padStart(2, '0')}s`;
  return `${Math.floor(seconds / 3600)}h${String(Math.floor((seconds % 3600) / 60)).padStart(2, '0')}m`;
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ').trim();
}

/**
 * Lines to print, one after the other, where no terminal can redraw: a job's stages and phases as they begin, each quarter of its
 * samples, a sign of life a minute, and its end. `seen` goes into the next call.
 */
export function changedLines(before: ReadonlyMap<string, string>, state: ProgressState): { lines: string[]; seen: Map<string, string> } {
  const seen = new Map(before);
  const lines: string[] = [];
  for (const job of state.jobs) {
    const mark = markOf(job, state);
    if (mark === null || seen.get(job.jobId) === mark) continue;
    seen.set(job.jobId, mark);
    lines.push(jobLine(job, state, nameOf(job, state).length));
  }
  return { lines, seen };
}

/** What has to change before a job is worth another line; null while there is nothing to say. */
function markOf(job: ProgressJob, state: ProgressState): string | null {
  if (isSettled(job)) return job.state;
  const beat = beatOf(job, state);
  if (beat === null || (!PHASES.has(beat.phase) && !MEASURED_PHASES.has(beat.phase))) return null;
  const quarter = beat.planned === 0 ? 0 : Math.floor((4 * beat.done) / beat.planned);
  const minute = Math.floor((state.nowMs - state.run.createdAtMs) / 60_000);
  return [beat.stage, beat.attempt, beat.phase, quarter, minute].join(' ');
}
