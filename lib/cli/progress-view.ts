/**
 * What the terminal shows while a run goes on: one line per job, from its record and its last beat. Pure: the caller says when
 * and where to draw.
 */
import type { Beat, JobRecord, RunRecord } from '../core/job.ts';

export interface ProgressState {
  readonly run: RunRecord;
  readonly jobs: readonly JobRecord[];
  readonly beats: readonly Beat[];
  readonly nowMs: number;
}

const MARKS: Readonly<Record<JobRecord['state'], string>> = {
  pending: '·',
  running: '>',
  succeeded: '✓',
  incomplete: '!',
  failed: '✗',
  cancelled: '-',
};

/** At most `columns` wide, one line per job and a head line. */
export function progressLines(state: ProgressState, columns: number): string[] {
  const settled = state.jobs.filter((job) => job.state !== 'pending' && job.state !== 'running').length;
  const elapsed = formatDuration(state.nowMs - state.run.createdAtMs);
  const head = `${state.run.runId}  ${settled}/${state.jobs.length} jobs  ${elapsed}`;
  const idWidth = Math.max(12, Math.min(34, ...[Math.max(...state.jobs.map((job) => job.jobId.length), 12)]));
  const lines = state.jobs.map((job) => jobLine(job, state, idWidth));
  return [head, ...lines].map((line) => (line.length > columns ? `${line.slice(0, columns - 1)}…` : line));
}

function jobLine(job: JobRecord, state: ProgressState, idWidth: number): string {
  const beat = state.beats.find((candidate) => candidate.jobId === job.jobId);
  const name = job.jobId.padEnd(idWidth).slice(0, idWidth);
  return `${MARKS[job.state]} ${name}  ${describeJob(job, beat, state.nowMs)}`;
}

function describeJob(job: JobRecord, beat: Beat | undefined, nowMs: number): string {
  if (job.state === 'pending') return 'waiting';
  if (job.state === 'running') return describeRunning(job, beat, nowMs);
  const outcome = job.stages.find((stage) => stage.name === 'infer')?.outcome ?? null;
  const samples = outcome === null ? '' : `  ${outcome.succeeded}/${outcome.planned} samples`;
  const cause = job.failure === null ? '' : `  ${job.failure.code}: ${oneLine(job.failure.message)}`;
  const failed = outcome !== null && outcome.failed > 0 ? `, ${outcome.failed} failed` : '';
  return `${job.state}${samples}${failed}${cause}`;
}

function describeRunning(job: JobRecord, beat: Beat | undefined, nowMs: number): string {
  const stage = job.stages.find((candidate) => candidate.status === 'running' || candidate.status === 'pending');
  const name = (stage?.name ?? 'score').split(':')[0] ?? '';
  if (beat === undefined || stage === undefined || beat.stage !== stage.name || beat.attempt !== stage.attempt) {
    return stage?.status === 'running' ? `${name}  starting` : name;
  }
  const rate = beat.ratePerSecond === null ? '' : `  ${formatRate(beat.ratePerSecond)}/s`;
  const left = beat.planned - beat.done;
  const eta =
    beat.ratePerSecond === null || beat.ratePerSecond <= 0 || left === 0
      ? ''
      : `  ETA ${formatDuration((left / beat.ratePerSecond) * 1000)}`;
  const failed = beat.failed === 0 ? '' : `  ${beat.failed} failed`;
  const attempt = stage.attempt > 1 ? `  attempt ${stage.attempt}` : '';
  const silentMs = nowMs - beat.atMs;
  const silent = silentMs > 10_000 ? `  no beat for ${formatDuration(silentMs)}` : '';
  return `${name} ${beat.phase}  ${beat.done}/${beat.planned}${rate}${eta}${failed}${attempt}${silent}`;
}

function formatRate(ratePerSecond: number): string {
  return ratePerSecond >= 100 ? String(Math.round(ratePerSecond)) : ratePerSecond.toPrecision(2);
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

/** Lines to print, one after the other, where no terminal can redraw: each change of a job's description once, rates left out. */
export function changedLines(before: ReadonlyMap<string, string>, state: ProgressState): { lines: string[]; seen: Map<string, string> } {
  const seen = new Map(before);
  const lines: string[] = [];
  for (const job of state.jobs) {
    const stage = job.stages.find((candidate) => candidate.status === 'running');
    const beat = state.beats.find((candidate) => candidate.jobId === job.jobId);
    const settled = job.state !== 'running' && job.state !== 'pending';
    const quarter = beat === undefined || beat.planned === 0 ? 0 : Math.floor((4 * beat.done) / beat.planned);
    const mark = settled ? job.state : `${stage?.name ?? ''} ${stage?.attempt ?? 0} ${beat?.phase ?? ''} ${quarter}`;
    if (job.state === 'pending' || seen.get(job.jobId) === mark) continue;
    seen.set(job.jobId, mark);
    if (settled || stage !== undefined) lines.push(jobLine(job, state, job.jobId.length));
  }
  return { lines, seen };
}
