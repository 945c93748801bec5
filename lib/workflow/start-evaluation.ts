/**
 * Evaluates the saved outputs of a run again: a new execution of the same workflow, under the next start, whose jobs have evaluate stages
 * alone to do. Called by the API of a deployment and of the local server.
 */
import { BakeoffError } from '../core/errors.ts';
import type { Fleet } from '../core/fleet.ts';
import type { RunRecord } from '../core/job.ts';
import { placePackage, wishOf } from '../core/place-package.ts';
import { keys } from '../core/object-key.ts';
import type { EvaluationWish, PlannedEvaluation } from '../core/plan-evaluation.ts';
import type { Clock, Executions } from '../core/ports.ts';
import { specSchema } from '../core/spec.ts';
import { type AskPorts, checkEvaluation, claimForEvaluation, recordEvaluation } from './ask-evaluation.ts';
import { changeRun } from './change-run.ts';
import { readJsonObject } from './read-json-object.ts';
import { executionName } from './run-id.ts';

export interface EvaluationPorts extends AskPorts {
  readonly executions: Executions;
  readonly clock: Clock;
  /** Classes of the deployment: an evaluator that fits none is refused. */
  readonly fleet?: Fleet;
}

export interface StartedEvaluation {
  readonly start: number;
  /** Number of the pass; null when an earlier one goes on. */
  readonly evaluation: number | null;
}

/**
 * Throws what checkEvaluation throws, `run-missing`, `run-live` and `no-class-fits`. Of two callers at once one starts it, the other finds it
 * live. A caller that died before the execution began is healed by the next.
 */
export async function startEvaluation(runId: string, wish: EvaluationWish, ports: EvaluationPorts): Promise<StartedEvaluation> {
  const { runs, executions, clock } = ports;
  const { run: found } = await changeRun(runs, runId, () => null);
  if (await executions.isLive(executionName(runId, found.start))) throw runLive(runId);
  const planned = await checkEvaluation(found, wish, ports);
  await checkFleet(runId, planned, ports);
  const mayTake = (seen: RunRecord): void => {
    if (seen.start !== found.start) throw runLive(runId);
  };
  const run = await claimForEvaluation(runId, mayTake, { state: 'accepted', owner: null, updatedAtMs: clock.nowMs() }, runs);
  const evaluation = await recordEvaluation(runId, planned, ports, clock.nowMs());
  await executions.start(executionName(runId, run.start), { run: runId, start: run.start });
  return { start: run.start, evaluation };
}

/** Before anything is on record: Plan would end the whole run for it. */
async function checkFleet(runId: string, planned: PlannedEvaluation, { objects, registry, fleet }: EvaluationPorts): Promise<void> {
  if (planned === null || fleet === undefined) return;
  const spec = await readJsonObject(objects, keys.spec(runId), specSchema);
  const faults = planned.evaluators.flatMap(({ package: { id } }) => {
    const manifest = registry.evaluators.get(id)?.manifest;
    if (manifest === undefined) return [];
    const placed = placePackage(manifest.requirements, wishOf(spec, 'evaluator'), fleet);
    return placed.kind === 'unfit' ? [`${id} ${placed.message}`] : [];
  });
  if (faults.length === 0) return;
  throw new BakeoffError({
    code: 'no-class-fits',
    message: faults.join('; ').slice(0, 2000),
    remedy: 'Add a larger class to the fleet of the deployment, or leave the scorer out.',
  });
}

function runLive(runId: string): BakeoffError {
  return new BakeoffError({
    code: 'run-live',
    message: `run ${runId} has an execution that goes on`,
    remedy: 'Wait for its end, or cancel it first.',
  });
}
