/**
 * The rows of a job's evaluators as columns, one a metric. Used by score-rows.ts.
 */
import { ownerOf } from '../core/evaluation-pass.ts';
import { FAILED, type MetricColumn, SUCCEEDED } from '../core/columns.ts';
import type { FailureTally } from '../core/failure-tally.ts';
import type { Failure } from '../core/failure.ts';
import type { Job } from '../core/job.ts';
import type { MetricInfo } from '../core/manifest.ts';
import { keys } from '../core/object-key.ts';
import type { ObjectStore } from '../core/ports.ts';
import { type EvaluationRow, evaluationRowSchema } from '../core/sample.ts';
import { listParts } from './list-parts.ts';
import { corruptLine, forEachLine, parseLine } from './read-lines.ts';

type Evaluator = Job['evaluators'][number];

function isInRange(value: number, [low, high]: MetricInfo['range']): boolean {
  return Number.isFinite(value) && (low === null || value >= low) && (high === null || value <= high);
}

const outOfRange = (name: string, value: number): Failure => ({
  class: 'infra',
  code: 'metric-out-of-range',
  message: `the evaluator gave ${name} = ${value}, outside the range that it declares`,
});

type ValueColumn = Extract<MetricColumn, { kind: 'mean' }>;

/** One failure a class and code, however many metrics of the sample it took. */
function distinctFailures(failures: readonly Failure[]): Failure[] {
  return [...new Map(failures.map((failure) => [`${failure.class}/${failure.code}`, failure])).values()];
}

/** Writes a row's values into the columns; returns its failures. A value outside its declared range is a failure, not a score. */
function applyRow(row: EvaluationRow, columns: readonly ValueColumn[]): Failure[] {
  if (row.state === 'failed') return [row.error];
  const failures = Object.values(row.errors);
  for (const column of columns) {
    const value = row.values[column.name];
    if (value === undefined) continue;
    if (isInRange(value, column.info.range)) column.values[row.ordinal] = value;
    else failures.push(outOfRange(column.name, value));
  }
  return distinctFailures(failures);
}

/** The plan names evaluator metrics as rows do: `<scorer>.<metric>`. */
function emptyColumns(evaluator: Evaluator, slots: number): ValueColumn[] {
  return evaluator.metrics.map((info) => ({ name: info.name, info, kind: 'mean', values: new Float64Array(slots).fill(Number.NaN) }));
}

/** The columns of a job whose evaluators said nothing. */
export function emptyEvaluations(job: Job, slots: number): MetricColumn[] {
  return job.evaluators.flatMap((evaluator) => emptyColumns(evaluator, slots));
}

/** Rows of samples that did not succeed are passed over; of several rows of a sample the first in part order stands. */
async function readEvaluator(
  objects: ObjectStore,
  job: Job,
  evaluator: Evaluator,
  state: Uint8Array,
  tally: FailureTally,
): Promise<MetricColumn[]> {
  const seen = new Uint8Array(state.length);
  const columns = emptyColumns(evaluator, state.length);
  const parts = await listParts(objects, keys.scoreParts(job.runId, job.jobId), ownerOf(evaluator));
  for (const { key } of parts) {
    await forEachLine(objects, key, (line) => {
      const row = parseLine(line, evaluationRowSchema);
      const known = state[row.ordinal];
      if (known === undefined) throw corruptLine(line, `ordinal ${row.ordinal}, the job has ${state.length} samples`);
      if ((known & (SUCCEEDED | FAILED)) !== SUCCEEDED || seen[row.ordinal] === 1) return;
      seen[row.ordinal] = 1;
      for (const failure of applyRow(row, columns)) tally.add(row.ordinal, row.sampleId, failure);
    });
  }
  return columns;
}

/** Throws `corrupt-row` for a row of no sample. Failures go to `tally`. */
export async function readEvaluations(objects: ObjectStore, job: Job, state: Uint8Array, tally: FailureTally): Promise<MetricColumn[]> {
  const columns: MetricColumn[] = [];
  for (const evaluator of job.evaluators) columns.push(...(await readEvaluator(objects, job, evaluator, state, tally)));
  return columns;
}
