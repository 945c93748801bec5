/**
 * From what the cluster said of a task, what its driver noted and where it was placed, to the facts that a job's record keeps. Pure; called
 * by the Advance step on AWS.
 */
import { ownerOfStage } from '../core/evaluation-pass.ts';
import { type StageName, stageNameSchema, type TaskFacts, type TaskPlace } from '../core/job.ts';
import type { PlacedClass } from '../core/placements.ts';
import type { DescribedTask } from '../core/task-end.ts';
import type { TaskNotes } from '../core/task-notes.ts';

export interface TaskContext {
  /** Null where the driver wrote none: it never began, or was killed. */
  readonly notes: TaskNotes | null;
  readonly placed: PlacedClass | null;
  /** EC2's id of the machine; null where it could not be learnt. */
  readonly instanceId: string | null;
}

/** Null for a task whose stage, attempt or times are not to be seen: then it is no evidence. */
export function taskFactsOf(task: DescribedTask, { notes, placed, instanceId }: TaskContext): TaskFacts | null {
  const stage = stageNameSchema.safeParse(task.stage);
  const startedAtMs = task.createdAtMs ?? task.pullStartedAtMs ?? task.startedAtMs;
  if (!stage.success || task.attempt === null || startedAtMs === null || task.stoppedAtMs === null) return null;
  const endedAtMs = Math.max(startedAtMs, task.stoppedAtMs);
  const { peakMemoryMiB = null, cpuSeconds = null, sampleHz = null } = notes?.server ?? {};
  return {
    taskId: task.taskId,
    stage: stage.data,
    attempt: task.attempt,
    startedAtMs,
    endedAtMs,
    phasesMs: phasesOf(task, endedAtMs - startedAtMs, notes),
    driverExitCode: task.driverExitCode,
    server: { ...task.server, peakRssMiB: peakMemoryMiB, cpuSeconds, sampleHz, logTail: null },
    error: task.error,
    ...(placed === null ? {} : { where: placeOf(task, placed, instanceId) }),
  };
}

/** `wait` and `pull` from ECS, then the driver's own. They never sum up to more than the task: what would is cut, the rest stays unnamed. */
function phasesOf(task: DescribedTask, wholeMs: number, notes: TaskNotes | null): Record<string, number> {
  const between = (from: number | null, to: number | null): number => (from === null || to === null ? 0 : Math.max(0, to - from));
  const waitedUntilMs = task.pullStartedAtMs ?? task.startedAtMs ?? task.stoppedAtMs;
  const told: [string, number][] = [
    ['wait', between(task.createdAtMs, waitedUntilMs)],
    ['pull', between(task.pullStartedAtMs, task.pullStoppedAtMs)],
    ...Object.entries(notes?.phasesMs ?? {}),
  ];
  const phases: Record<string, number> = {};
  let leftMs = wholeMs;
  for (const [phase, ms] of told) {
    const taken = Math.min(ms, leftMs);
    leftMs -= taken;
    if (taken > 0) phases[phase] = (phases[phase] ?? 0) + taken;
  }
  return phases;
}

function placeOf(task: DescribedTask, placed: PlacedClass, instanceId: string | null): TaskPlace {
  const { name, instanceType, market, usdPerHour, priceDate } = placed;
  const fromMs = task.pullStartedAtMs ?? task.startedAtMs;
  const occupied = fromMs === null || task.stoppedAtMs === null ? null : { fromMs, untilMs: Math.max(fromMs, task.stoppedAtMs) };
  return { className: name, instanceType, market, usdPerHour, priceDate, instanceId, occupied };
}

/** Under what the placements have what a stage runs: the model, or the evaluator in that pass of its. */
export function placementNameOf(stage: StageName | string, modelId: string): string {
  return ownerOfStage(stage) ?? modelId;
}
