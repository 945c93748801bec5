/**
 * Streams the rows of a job into columns: a million rows cost 17 bytes each, and 8 to 16 a metric, never an object. Called by the
 * score and report steps and by `rescore`; the sums are made by lib/core.
 */
import { FAILED, type JobColumns, type MetricColumn, SUCCEEDED } from '../core/columns.ts';
import { createFailureTally } from '../core/failure-tally.ts';
import { sampleIdOf } from '../core/ids.ts';
import type { Job } from '../core/job.ts';
import { createActiveTime, dueSamples, markNotDue } from '../core/latency/due-samples.ts';
import { keys } from '../core/object-key.ts';
import type { ObjectStore } from '../core/ports.ts';
import { type SampleRow, type SucceededRow, sampleRowSchema } from '../core/sample.ts';
import { type AnswerScorer, createAnswerScorer } from './answer-columns.ts';
import { emptyEvaluations, readEvaluations } from './evaluation-columns.ts';
import { listParts } from './list-parts.ts';
import { createLoadRows, type LoadRows } from './load-rows.ts';
import { corruptLine, forEachLine, parseLine, type StoredLine } from './read-lines.ts';
import { readLabels } from './read-labels.ts';
import { createResendRows, type ResendRows } from './resend-rows.ts';
import { openReferences, type ReferenceLine, type References } from './read-references.ts';

interface Build {
  readonly job: Job;
  readonly state: Uint8Array;
  readonly load: LoadRows;
  readonly answers: AnswerScorer;
  readonly references: References | null;
  readonly video: VideoLength;
  readonly resends: ResendRows | null;
}

/** Microseconds, as a whole number: the sum is the same in whatever order rows come. NaN as soon as one length is not known. */
interface VideoLength {
  total: number;
}

/** Throws `corrupt-row` unless the row names a sample of this job by ordinal, item and repeat alike. */
function checkIdentity(line: StoredLine, row: SampleRow, job: Job): void {
  if (row.ordinal < 0 || row.ordinal >= job.itemCount * job.repeats || row.ordinal % job.repeats !== row.repeat) {
    throw corruptLine(line, `ordinal ${row.ordinal} and repeat ${row.repeat} name no sample of the job`);
  }
  if (row.sampleId !== sampleIdOf(row.itemId, row.repeat)) throw corruptLine(line, `sample id ${row.sampleId} of item ${row.itemId}`);
}

function scoreAnswer(build: Build, line: StoredLine, row: SucceededRow, truth: ReferenceLine): void | Promise<void> {
  if (truth.id !== row.itemId) throw corruptLine(line, `item ${row.itemId}, the plan has ${truth.id} in its place`);
  const note = (unparsed: number): void => {
    if (unparsed !== 0) build.state[row.ordinal] = SUCCEEDED | unparsed;
  };
  const unparsed = build.answers.score(row.ordinal, row.output, truth);
  return typeof unparsed === 'number' ? note(unparsed) : unparsed.then(note);
}

function applySucceeded(build: Build, line: StoredLine, row: SucceededRow): void | Promise<void> {
  build.state[row.ordinal] = SUCCEEDED;
  for (const { kind, durationMs } of row.output.files ?? []) {
    if (kind === 'video') build.video.total += durationMs === undefined ? Number.NaN : Math.round(durationMs * 1000);
  }
  if (build.references === null) return;
  const truth = build.references.at(Math.floor(row.ordinal / build.job.repeats));
  if (truth instanceof Promise) return truth.then((found) => scoreAnswer(build, line, row, found));
  return scoreAnswer(build, line, row, truth);
}

/** Lengths and truths of unanswered samples: what an imputed best answer is measured against. */
async function noteUnanswered(build: Build): Promise<void> {
  if (build.references === null) return;
  for (const [slot, state] of build.state.entries()) {
    if ((state & SUCCEEDED) !== 0) continue;
    const truth = build.references.at(Math.floor(slot / build.job.repeats));
    build.answers.noteReference(slot, truth instanceof Promise ? await truth : truth);
  }
}

/** Every sample missing. */
function emptyBuild(objects: ObjectStore, job: Job, labels: readonly string[] = []): Build {
  const slots = job.itemCount * job.repeats;
  return {
    job,
    state: new Uint8Array(slots),
    load: createLoadRows(job),
    answers: createAnswerScorer(objects, job, slots, labels),
    references: null,
    video: { total: 0 },
    resends: createResendRows(job),
  };
}

async function startBuild(objects: ObjectStore, job: Job): Promise<Build> {
  const labels = job.builtinScorers.includes('labels') ? await readLabels(objects, job.referencesKey) : [];
  const build = emptyBuild(objects, job, labels);
  return build.answers.readsAnswers ? { ...build, references: await openReferences(objects, job.referencesKey) } : build;
}

/** Samples that were not due are no gaps of any metric. */
function withStates(columns: readonly MetricColumn[], states: Uint8Array, someNotDue: boolean): readonly MetricColumn[] {
  return someNotDue ? columns.map((column) => ({ ...column, states })) : columns;
}

function finish(build: Build, failures: JobColumns['failures'], evaluated: readonly MetricColumn[], activeMs = 0): JobColumns {
  const { job, state, answers } = build;
  const someNotDue = markNotDue(state, job, dueSamples(state, job, activeMs));
  const metrics = withStates([...answers.columns(), ...evaluated], state, someNotDue);
  const length = build.video.total > 0 ? { videoMs: build.video.total / 1000 } : {};
  const resends = build.resends === null ? {} : { resends: build.resends.pairs() };
  return { jobId: job.jobId, state, ...build.load.columns(), metrics, ...length, ...resends, failures };
}

/** The columns of a job whose rows cannot be read: every sample missing, every metric without a value. */
export function unreadableColumns(objects: ObjectStore, job: Job): JobColumns {
  const build = emptyBuild(objects, job);
  return finish(build, [], emptyEvaluations(job, build.state.length));
}

/**
 * All rows of a job as columns. Of several rows of a sample the one of the lowest (attempt, part) stands; statistics of an open loop are
 * those of the last attempt. Throws `corrupt-row` with key and line for a row that the driver cannot have written.
 */
export async function collectJobColumns(objects: ObjectStore, job: Job): Promise<JobColumns> {
  const build = await startBuild(objects, job);
  const tally = createFailureTally();
  const active = createActiveTime();
  for (const { key } of await listParts(objects, keys.sampleParts(job.runId, job.jobId), null)) {
    await forEachLine(objects, key, (line) => {
      const row = parseLine(line, sampleRowSchema);
      if (row.warmup) {
        if (row.resendOf !== undefined) build.resends?.noteAgain(row, row.resendOf);
        return;
      }
      checkIdentity(line, row, job);
      const stands = build.state[row.ordinal] === 0;
      build.load.note(row, stands);
      if (!stands) return;
      build.resends?.noteFirst(row);
      active.note(row);
      if (row.state === 'succeeded') return applySucceeded(build, line, row);
      build.state[row.ordinal] = FAILED;
      tally.add(row.ordinal, row.sampleId, row.error);
    });
  }
  await noteUnanswered(build);
  const evaluated = await readEvaluations(objects, job, build.state, tally);
  return finish(build, tally.groups(), evaluated, active.totalMs());
}
