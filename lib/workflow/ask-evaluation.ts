/**
 * A pass over the saved outputs of a run, asked for: checked against what the run has stored, and put on record. Whoever starts it has claimed
 * the run before (start-evaluation.ts on AWS and in the local server, lib/cli/evaluate.ts).
 */
import { BakeoffError } from '../core/errors.ts';
import type { EvaluationPass } from '../core/evaluation-pass.ts';
import { jobSchema, planSchema, referenceLineSchema, type RunRecord } from '../core/job.ts';
import { keys } from '../core/object-key.ts';
import { type EvaluationWish, planEvaluation, type PlannedEvaluation } from '../core/plan-evaluation.ts';
import type { ObjectStore, RunStore } from '../core/ports.ts';
import type { Registry } from '../core/registry.ts';
import { changeRun, isSettledRun } from './change-run.ts';
import { objectExists } from './stored-objects.ts';
import { readEvaluations } from './read-evaluations.ts';
import { readJsonObject } from './read-json-object.ts';
import { forEachLine, parseLine } from './read-lines.ts';

export interface AskPorts {
  readonly objects: ObjectStore;
  readonly runs: RunStore;
  readonly registry: Registry;
  readonly softwareVersion: string;
}

/** Throws `evaluation-invalid`, `already-scored`, `run-rejected`, `run-not-planned` and `run-unfinished`; changes nothing. */
export async function checkEvaluation(run: RunRecord, wish: EvaluationWish, ports: AskPorts): Promise<PlannedEvaluation> {
  const { objects, runs, registry } = ports;
  const { runId } = run;
  if (run.state === 'rejected') throw runRejected(runId);
  if (!(await objectExists(objects, keys.plan(runId)))) throw runNotPlanned(runId);
  if (!isSettledRun(run) && run.scope !== 'evaluate') throw runUnfinished(runId);
  const { jobs } = await readJsonObject(objects, keys.plan(runId), planSchema);
  const [first] = jobs;
  if (first === undefined) throw runNotPlanned(runId);
  const job = await readJsonObject(objects, keys.job(runId, first.jobId), jobSchema);
  const evaluated = {
    ...{ runId, job, isOpen: !isSettledRun(run), passes: await readEvaluations(objects, runId), records: await runs.listJobs(runId) },
    references: await readTruths(objects, job.referencesKey),
  };
  return planEvaluation(wish, evaluated, registry);
}

/** After the claim: of all who ask, one has it. Returns the number of the pass; null when an earlier one only goes on. */
export async function recordEvaluation(
  runId: string,
  planned: PlannedEvaluation,
  { objects, softwareVersion }: AskPorts,
  askedAtMs: number,
): Promise<number | null> {
  if (planned === null) return null;
  for (let n = ((await readEvaluations(objects, runId)).at(-1)?.n ?? 0) + 1; ; n += 1) {
    const pass: EvaluationPass = { schema: 1, runId, n, askedAtMs, ...planned, softwareVersion };
    if (await objects.put(keys.evaluation(runId, n), `${JSON.stringify(pass, null, 2)}\n`, { ifAbsent: true })) return n;
  }
}

/**
 * The run's next start, which sends nothing to a model. A cancel belonged to the start that it ended. Throws what `mayTake` throws of the
 * record that is replaced.
 */
export async function claimForEvaluation(
  runId: string,
  mayTake: (found: RunRecord) => void,
  next: Pick<RunRecord, 'state' | 'owner' | 'updatedAtMs'>,
  runs: RunStore,
): Promise<RunRecord> {
  const { run } = await changeRun(runs, runId, (found) => {
    mayTake(found);
    const start = found.start + 1;
    return { ...found, ...next, start, scope: 'evaluate', finishedAtMs: null, cancelRequested: false, failure: null };
  });
  return run;
}

async function readTruths(objects: ObjectStore, key: string) {
  const truths: { id: string; reference: Record<string, unknown> | null }[] = [];
  await forEachLine(objects, key, (line) => void truths.push(parseLine(line, referenceLineSchema)));
  return truths;
}

function runRejected(runId: string): BakeoffError {
  return new BakeoffError({
    code: 'run-rejected',
    message: `run ${runId} was rejected: its spec is not valid, and it has no outputs`,
    remedy: 'Correct the spec and start it again.',
  });
}

function runNotPlanned(runId: string): BakeoffError {
  return new BakeoffError({
    code: 'run-not-planned',
    message: `run ${runId} ended before it was planned; it has no outputs`,
    remedy: 'Start the run anew.',
  });
}

function runUnfinished(runId: string): BakeoffError {
  return new BakeoffError({
    code: 'run-unfinished',
    message: `run ${runId} has not come to its end; only outputs of a run that is over are evaluated again`,
    remedy: 'Wait for its end; go on with it where it was interrupted (run --resume, submit --resume), or cancel it.',
  });
}
