/**
 * A task on a cluster, before and after: what "Run task" is told, and what its result comes to together with the placements and the
 * driver's notes. Called by the Advance step on AWS.
 */
import type { StepResult } from '../core/advance.ts';
import { BakeoffError } from '../core/errors.ts';
import type { Job, JobRecord } from '../core/job.ts';
import { keys } from '../core/object-key.ts';
import type { PlacedClass, Placement } from '../core/placements.ts';
import type { ObjectStore, TaskRequest } from '../core/ports.ts';
import type { DescribedTask, TaskEnd } from '../core/task-end.ts';
import { type TaskNotes, taskNotesSchema } from '../core/task-notes.ts';
import { hasMadeRows } from './list-parts.ts';
import { readPlacements } from './place-run.ts';
import { readJsonObject } from './read-json-object.ts';
import { taskAddress } from './task-address.ts';
import { placementNameOf, taskFactsOf } from './task-facts.ts';

export interface ClusterResultPorts {
  /** lib/adapters/aws/ecs-task-facts.ts: pure. */
  readonly readTaskEnd: (raw: unknown) => TaskEnd;
  /** EC2's id of a container instance; null when it is gone. What it throws is no reason to stop. */
  readonly instanceIdOf: (containerInstance: string) => Promise<string | null>;
  /** Told of every failure that kept a task from starting, by its code. */
  readonly onCannotStart: (code: string) => void;
}

/** A failure that says of the deployment, not of the model, that tasks do not start. */
const CANNOT_START = new Set(['image-pull-failed', 'run-task-refused', 'task-definition-inactive', 'task-cannot-start']);

/** All values are text: they become environment variables. Throws `package-not-deployed` for a package that the run did not place. */
export async function clusterTask(request: TaskRequest, job: Job, objects: ObjectStore): Promise<Readonly<Record<string, string>>> {
  const packageId = placementNameOf(request.stage, job.model.id);
  const placement = (await readPlacements(objects, job.runId)).packages[packageId];
  if (placement === undefined) throw notPlaced(job.runId, packageId);
  const { instance, port } = taskAddress(request);
  return {
    ...{ runId: request.runId, jobId: request.jobId, stage: request.stage, attempt: String(request.attempt) },
    ...{ instance, port: String(port), taskDefinitionArn: placement.taskDefinitionArn },
    capacityProvider: placement.class.capacityProvider ?? '',
  };
}

/** What a result of "Run task" comes to. `mayLive`: something may have to be stopped before anything else begins. */
export async function readClusterResult(
  raw: unknown,
  record: JobRecord,
  job: Job,
  ports: ClusterResultPorts & { readonly objects: ObjectStore },
): Promise<{ readonly result: StepResult | null; readonly mayLive: boolean; readonly endedTaskId: string | null }> {
  const end = ports.readTaskEnd(raw);
  const failure = end.kind === 'task' ? end.error : end.failure;
  if (failure !== null && CANNOT_START.has(failure.code)) ports.onCannotStart(failure.code);
  if (end.kind === 'no-task') {
    const running = record.stages.find((stage) => stage.status === 'running');
    const madeRows = running !== undefined && (await hasMadeRows(ports.objects, record, { stage: running.name, attempt: running.attempt }));
    return { result: { kind: 'no-task', failure: end.failure, madeRows }, mayLive: end.mayLive, endedTaskId: null };
  }
  const { stage, attempt } = end;
  if (stage !== null && attempt !== null) {
    await ports.objects.put(keys.taskEnd(job.runId, job.jobId, stage, attempt), `${JSON.stringify(raw)}\n`);
  }
  const facts = taskFactsOf(end, await contextOf(end, job, ports));
  const endedTaskId = end.isStopped ? end.taskId : null;
  if (facts === null) return { result: null, mayLive: true, endedTaskId };
  const result: StepResult = { kind: 'task', facts, madeRows: await hasMadeRows(ports.objects, record, facts) };
  return { result, mayLive: !end.isStopped, endedTaskId };
}

async function contextOf(end: DescribedTask, job: Job, ports: ClusterResultPorts & { readonly objects: ObjectStore }) {
  const { objects } = ports;
  const placed = end.stage === null ? null : await placedClassOf(job.runId, placementNameOf(end.stage, job.model.id), objects);
  const instanceId = end.containerInstance === null ? null : await ports.instanceIdOf(end.containerInstance).catch(() => null);
  return { notes: await notesOf(end, job, objects), placed, instanceId };
}

async function placedClassOf(runId: string, packageId: string, objects: ObjectStore): Promise<PlacedClass | null> {
  const placement: Placement | undefined = (await readPlacements(objects, runId)).packages[packageId];
  return placement?.class ?? null;
}

/** Notes that cannot be read are no notes: they decide nothing. */
async function notesOf(end: DescribedTask, job: Job, objects: ObjectStore): Promise<TaskNotes | null> {
  if (end.stage === null || end.attempt === null) return null;
  try {
    return await readJsonObject(objects, keys.task(job.runId, job.jobId, end.stage, end.attempt), taskNotesSchema);
  } catch (error) {
    if (error instanceof BakeoffError && (error.code === 'object-missing' || error.code === 'object-corrupt')) return null;
    throw error;
  }
}

function notPlaced(runId: string, packageId: string): BakeoffError {
  return new BakeoffError({
    code: 'package-not-deployed',
    message: `run ${runId} was planned without a place for the package ${packageId}`,
    remedy: 'Start the run anew.',
    kind: 'internal',
  });
}
