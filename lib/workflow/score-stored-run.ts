/**
 * The scores of a stored run: reads its rows job by job and hands the columns to lib/core. Called by the report step and by
 * `rescore`, which therefore cannot differ.
 */
import type { ScoreRule } from '../core/composite.ts';
import type { JobColumns, SuiteColumns } from '../core/columns.ts';
import { BakeoffError } from '../core/errors.ts';
import type { Job } from '../core/job.ts';
import type { ObjectStore } from '../core/ports.ts';
import { scoreJob } from '../core/score-job.ts';
import type { RunJob } from '../core/score-run.ts';
import type { JobScores } from '../core/scores.ts';
import { readSuiteColumns } from './read-suite-columns.ts';
import { collectJobColumns, unreadableColumns } from './score-rows.ts';

export interface StoredScoring {
  readonly confidence: number;
  readonly score: ScoreRule | null;
  /** Whether jobs ran beside one another on one machine. */
  readonly contended: boolean;
  /** Attributes to break scores down by: the plan's `suite.categories`. */
  readonly categories: readonly string[];
}

/** The scores of one job on its own, as the score step stores them. Throws `corrupt-row` where its rows cannot be read. */
export async function scoreStoredJob(objects: ObjectStore, job: Job, scoring: StoredScoring): Promise<JobScores> {
  const suite = await readSuiteColumns(objects, job, scoring.categories);
  return scoreJob(await collectJobColumns(objects, job), suite, job.load, scoring);
}

/** All columns of a run: what its scores, and the choice of its examples, are made from. */
export interface RunColumns {
  readonly suite: SuiteColumns;
  readonly jobs: readonly RunJob[];
}

/** One job's torn file must not cost the others their report; the score step has failed that job and named the line. */
async function readOrMissing(objects: ObjectStore, job: Job): Promise<JobColumns> {
  try {
    return await collectJobColumns(objects, job);
  } catch (error) {
    if (error instanceof BakeoffError && error.code === 'corrupt-row') return unreadableColumns(objects, job);
    throw error;
  }
}

/** `jobs`: all jobs of the run, by ordinal; at least one. Jobs without rows, or with unreadable ones, have empty columns. */
export async function readRunColumns(
  objects: ObjectStore,
  jobs: readonly [Job, ...Job[]],
  categories: readonly string[],
): Promise<RunColumns> {
  const suite = await readSuiteColumns(objects, jobs[0], categories);
  const columns: RunJob[] = [];
  for (const job of jobs) {
    columns.push({ columns: await readOrMissing(objects, job), load: job.load, reference: job.model.reference });
  }
  return { suite, jobs: columns };
}
