/**
 * Checks how a spec sends its samples: durations, ramps, the schedule that follows from them, traces, and the objectives of goodput. Called
 * by parse-spec.ts with the sections whose shape is sound. What a model can serve is checked with the models.
 */
import type { z } from 'zod';
import { cutTrace, drawSchedule, scheduleLabel } from './load/schedule.ts';
import type { TraceFile } from './load/trace-file.ts';
import { isMapping } from './parse-spec-later.ts';
import { MAX_LIMIT_MS } from './parse-spec-limits.ts';
import { durationMs, type Spec, type SpecLoad, type sloSchema } from './spec.ts';
import { describeValue, type ProblemDraft } from './spec-problem.ts';

export interface LoadSections {
  readonly load: SpecLoad | undefined;
  /** False when keys of a wrong shape were left out of the load: what is not there may have been meant. */
  readonly isWhole: boolean;
  readonly slo: z.infer<typeof sloSchema> | undefined;
  readonly limits: Spec['limits'] | undefined;
  /** Items x repeats; null where that is not known. */
  readonly samples: number | null;
  readonly seed: number;
  /** What the file of the trace came to; absent where nobody read it. */
  readonly trace: TraceFile | undefined;
}

/** The document with the times of its trace in the place of the file, as far as they were read. */
export function withTraceTimes(data: Readonly<Record<string, unknown>>, trace: TraceFile | undefined): Record<string, unknown> {
  const { load } = data;
  if (trace?.ok !== true || !isMapping(load) || load.mode !== 'trace' || typeof load.file !== 'string') return { ...data };
  if (Object.hasOwn(load, 'timesMs')) return { ...data };
  const { file: _, ...rest } = load;
  return { ...data, load: { ...rest, timesMs: trace.timesMs } };
}

/** Adds the problems of `load` and `slo`. */
export function checkLoad(sections: LoadSections, problems: ProblemDraft[]): void {
  const { load, slo } = sections;
  if (slo !== undefined) checkSlo(slo, sections, problems);
  if (load === undefined || load.mode === 'offline') return;
  const before = problems.length;
  checkDurations(load, problems);
  if (load.mode === 'trace') checkTrace(load, sections, problems);
  if (problems.length === before) checkExtent(load, sections, problems);
}

function checkSlo(slo: NonNullable<LoadSections['slo']>, { load, isWhole }: LoadSections, problems: ProblemDraft[]): void {
  if (load === undefined) return;
  if (load.mode === 'offline') problems.push({ code: 'slo-of-offline', path: ['slo'], seen: describeValue(slo), atKey: true });
  else if (slo.ttftMs !== undefined && !load.stream && isWhole) {
    problems.push({ code: 'slo-without-stream', path: ['slo', 'ttftMs'], seen: 'load.stream false', expected: 'load.stream true' });
  }
}

type TimedLoad = Exclude<SpecLoad, { mode: 'offline' }>;

function checkDurations(load: TimedLoad, problems: ProblemDraft[]): void {
  const ramp = 'ramp' in load ? load.ramp : undefined;
  for (const [key, text] of Object.entries({ duration: load.duration, ramp, grace: load.grace })) {
    if (text === undefined) continue;
    const at = { path: ['load', key], seen: describeValue(text) };
    if (durationMs(text) === 0) problems.push({ code: 'duration-is-zero', ...at, expected: 'more than 0' });
    if (durationMs(text) > MAX_LIMIT_MS) problems.push({ code: 'duration-too-long', ...at, expected: 'at most 168h' });
  }
  if (ramp === undefined || load.duration === undefined || durationMs(ramp) < durationMs(load.duration)) return;
  problems.push({
    code: 'ramp-covers-load',
    path: ['load', 'ramp'],
    seen: `ramp ${ramp}, duration ${load.duration}`,
    expected: 'a ramp below the duration',
  });
}

type TraceLoad = Extract<SpecLoad, { mode: 'trace' }>;

function checkTrace({ file, timesMs }: TraceLoad, { isWhole, trace }: LoadSections, problems: ProblemDraft[]): void {
  if (timesMs !== undefined) {
    if (file !== undefined) problems.push({ code: 'trace-file-and-times', path: ['load', 'file'], seen: describeValue(file), atKey: true });
    // The times of a file were looked at line by line.
    else if (trace?.ok !== true) checkAscending(timesMs, problems);
    return;
  }
  if (file === undefined) {
    if (isWhole) problems.push({ code: 'trace-without-times', path: ['load'], expected: 'file or timesMs' });
    return;
  }
  const path = ['load', 'file'];
  if (trace === undefined) problems.push({ code: 'trace-file-not-read', path, seen: describeValue(file), expected: 'timesMs' });
  else if (!trace.ok) for (const fault of trace.faults) problems.push({ seen: describeValue(file), ...fault, path });
}

function checkAscending(timesMs: readonly number[], problems: ProblemDraft[]): void {
  for (const [index, timeMs] of timesMs.entries()) {
    const before = timesMs[index - 1] ?? 0;
    if (timeMs >= before) continue;
    const expected = `at least ${before}`;
    problems.push({ code: 'trace-not-ascending', path: ['load', 'timesMs', index], seen: String(timeMs), expected });
  }
}

/** What the schedule comes to: something must be due, some of it after the ramp, and all of it within the job. */
function checkExtent(load: TimedLoad, { limits, samples, seed }: LoadSections, problems: ProblemDraft[]): void {
  const jobMs = limits === undefined ? Number.POSITIVE_INFINITY : durationMs(limits.job);
  const tooLong = (seen: string): void => {
    const expected = `less than limits.job, ${limits?.job}`;
    problems.push({ code: 'load-exceeds-job', path: ['load'], seen, expected });
  };
  if (load.mode === 'closed') {
    if (load.duration !== undefined && durationMs(load.duration) >= jobMs) tooLong(`duration ${load.duration}`);
    return;
  }
  const isTimed = load.mode !== 'trace' || load.timesMs !== undefined;
  const times = samples === null || !isTimed ? null : timesOf(load, samples, seed);
  if (times === null) return;
  const lastMs = times.at(-1);
  if (lastMs === undefined) {
    problems.push({ code: 'schedule-empty', path: ['load', 'duration'], seen: describeValue(load.duration) });
    return;
  }
  const last = `last request due after ${Number((lastMs / 1000).toPrecision(4))} s`;
  if (lastMs >= jobMs) tooLong(last);
  if (load.mode !== 'trace' && load.ramp !== undefined && lastMs < durationMs(load.ramp)) {
    problems.push({ code: 'ramp-covers-load', path: ['load', 'ramp'], seen: `ramp ${load.ramp}, ${last}` });
  }
}

function timesOf(
  load: Exclude<TimedLoad, { mode: 'closed' }>,
  samples: number,
  seed: number,
): ArrayLike<number> & { at(index: number): number | undefined } {
  const endMs = load.duration === undefined ? undefined : durationMs(load.duration);
  if (load.mode === 'trace') return cutTrace(load.timesMs ?? [], samples, endMs);
  const rampMs = load.ramp === undefined ? undefined : durationMs(load.ramp);
  return drawSchedule({ mode: load.mode, ratePerSecond: load.rate, rampMs, durationMs: endMs }, samples, scheduleLabel(seed));
}
