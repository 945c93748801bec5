/**
 * The rows of a job as the columns that its load's statistics need: latencies, lag behind the schedule, streams. Filled by score-rows.ts while
 * it streams; which samples count is docs/measures.md's "Load".
 */
import type { AttemptSpan, JobColumns, LoadColumns } from '../core/columns.ts';
import type { Job } from '../core/job.ts';
import { isOpenLoop } from '../core/load/load-kind.ts';
import { scheduleLabel } from '../core/load/schedule.ts';
import type { SampleRow, SucceededRow } from '../core/sample.ts';
import { createScheduleRows, type ScheduleRows } from './schedule-rows.ts';
import { createStreamRows, type StreamRows } from './stream-rows.ts';

export interface LoadRows {
  /** Takes a measured row; `stands`: it is the one of its sample that quality is read from. */
  readonly note: (row: SampleRow, stands: boolean) => void;
  readonly columns: () => Pick<JobColumns, 'latencyMs' | 'generateMs' | 'leftOutRetried' | 'spans' | 'load' | 'resolutionMs'>;
}

interface Build {
  readonly latencyMs: Float64Array;
  readonly generateMs: Float64Array;
  readonly spans: Map<number, AttemptSpan>;
  readonly counts: { answers: number; leftOutRetried: number; leftOutRamp: number };
  /** Coarsest of the latencies; -1 while none was polled. */
  readonly polled: { resolutionMs: number };
  readonly stream: StreamRows | null;
  readonly schedule: ScheduleRows | null;
}

function emptyBuild(job: Job): Build {
  const slots = job.itemCount * job.repeats;
  return {
    latencyMs: new Float64Array(slots).fill(Number.NaN),
    generateMs: new Float64Array(slots).fill(Number.NaN),
    spans: new Map(),
    counts: { answers: 0, leftOutRetried: 0, leftOutRamp: 0 },
    polled: { resolutionMs: -1 },
    stream: job.load.stream === true ? createStreamRows(slots) : null,
    schedule: isOpenLoop(job.load) ? createScheduleRows(slots) : null,
  };
}

export function createLoadRows(job: Job): LoadRows {
  return isOpenLoop(job.load) ? openLoopRows(job) : closedLoopRows(job);
}

/** Attempts are pooled: of every sample the row that stands. */
function closedLoopRows(job: Job): LoadRows {
  const build = emptyBuild(job);
  const note = (row: SampleRow): void => {
    if (row.ramp === true) build.counts.leftOutRamp++;
    else noteMeasured(build, row, row.retried && row.state === 'succeeded');
  };
  return { note: (row, stands) => stands && note(row), columns: () => columnsOf(build, job) };
}

/** The last attempt alone, as a whole: an earlier one's schedule was cut off. In it the first row of a sample stands. */
function openLoopRows(job: Job): LoadRows {
  let attempt = 0;
  let build = emptyBuild(job);
  let seen = new Uint8Array(build.latencyMs.length);
  const note = (row: SampleRow): void => {
    if (row.attempt < attempt) return;
    if (row.attempt > attempt) {
      attempt = row.attempt;
      build = emptyBuild(job);
      seen = new Uint8Array(seen.length);
    }
    if (seen[row.ordinal] === 1) return;
    seen[row.ordinal] = 1;
    if (build.schedule === null || !build.schedule.note(row)) return;
    if (row.ramp === true) build.counts.leftOutRamp++;
    else noteMeasured(build, row, false);
  };
  return { note, columns: () => columnsOf(build, job) };
}

/** `leftOut`: an answer without a latency of its own. A failed sample counts as infinitely slow, retried or not. */
function noteMeasured(build: Build, row: SampleRow, leftOut: boolean): void {
  const fromMs = build.schedule === null ? (row.timings?.sentMs ?? 0) : (row.timings?.scheduledMs ?? 0);
  extendSpan(build, row);
  build.stream?.note(row, fromMs, leftOut);
  if (row.state === 'failed') {
    build.latencyMs[row.ordinal] = Number.POSITIVE_INFINITY;
    return;
  }
  build.counts.answers++;
  if (leftOut) {
    build.counts.leftOutRetried++;
    return;
  }
  build.latencyMs[row.ordinal] = row.timings.latencyMs;
  build.polled.resolutionMs = Math.max(build.polled.resolutionMs, row.timings.resolutionMs ?? -1);
  build.generateMs[row.ordinal] = generateMsOf(row);
}

function generateMsOf(row: SucceededRow): number {
  return row.server?.generateMs ?? Number.NaN;
}

function extendSpan({ spans, schedule }: Build, { attempt, timings, tries }: SampleRow): void {
  if (timings === null) return;
  const span = spans.get(attempt);
  const sentMs = Math.min(timings.sentMs, tries[0]?.sentMs ?? timings.sentMs);
  const fromMs = schedule === null ? sentMs : timings.scheduledMs;
  spans.set(attempt, {
    attempt,
    firstSentMs: Math.min(span?.firstSentMs ?? fromMs, fromMs),
    lastDoneMs: Math.max(span?.lastDoneMs ?? timings.doneMs, timings.doneMs),
  });
}

function columnsOf(build: Build, job: Job): ReturnType<LoadRows['columns']> {
  const { latencyMs, generateMs, counts } = build;
  const spans = [...build.spans.values()].sort((a, b) => a.attempt - b.attempt);
  const load = loadColumns(build, job);
  const { resolutionMs } = build.polled;
  const polled = resolutionMs < 0 ? {} : { resolutionMs };
  return { latencyMs, generateMs, leftOutRetried: counts.leftOutRetried, spans, ...polled, ...(load === null ? {} : { load }) };
}

/** Null for a load that asks for no more than latencies. */
function loadColumns({ counts, stream, schedule }: Build, { load, slo, specSeed }: Job): LoadColumns | null {
  const hasRamp = 'rampMs' in load && load.rampMs !== undefined;
  if (!hasRamp && slo === undefined && stream === null && schedule === null) return null;
  return {
    succeeded: counts.answers,
    leftOutRamp: hasRamp ? counts.leftOutRamp : null,
    slo: slo ?? null,
    schedule: schedule?.columns(load.mode === 'poisson' ? scheduleLabel(specSeed) : null) ?? null,
    stream: stream?.columns() ?? null,
  };
}
