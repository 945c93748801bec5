/**
 * The Plan step: freezes what a run will do, and where. Idempotent: the plan object is written last and once, so a second call (a resume,
 * a repeated event) finds it and only adds records that are missing.
 */
import { newJobRecord } from '../../core/advance.ts';
import { canonicalJson } from '../../core/canonical-json.ts';
import { BakeoffError } from '../../core/errors.ts';
import type { RunRecord } from '../../core/job.ts';
import { type Plan, planSchema } from '../../core/job.ts';
import { keys } from '../../core/object-key.ts';
import { digestOfReference } from '../../core/image-reference.ts';
import { type PlannedRun, planRun, type RunEnvironment } from '../../core/plan.ts';
import type { SuiteFile } from '../../core/plan-items.ts';
import type { Clock, EventSink, ObjectStore, RunStore } from '../../core/ports.ts';
import type { Registry } from '../../core/registry.ts';
import { type Spec, specSchema } from '../../core/spec.ts';
import { changeRun } from '../change-run.ts';
import { alignStages } from '../evaluated-stages.ts';
import { ordinalLines } from '../job-ordinals.ts';
import { mapBounded } from '../map-bounded.ts';
import { machinesOf, placeEvaluations, type PlacePorts, placeRun, renewPlacements } from '../place-run.ts';
import { readEvaluations } from '../read-evaluations.ts';
import { readJsonObject } from '../read-json-object.ts';
import { type ReservePorts, withReservations } from '../reserve-budget.ts';
import { publishRun } from '../run-events.ts';
import { scoringFactsOf } from '../stored-run.ts';
import type { RunInput } from './step-input.ts';

export interface PlanAnswer {
  readonly run: string;
  readonly start: number;
  readonly maxConcurrency: number;
  readonly ordinals: number[];
}

export interface PlanPorts {
  readonly objects: ObjectStore;
  readonly runs: RunStore;
  readonly clock: Clock;
  readonly events: EventSink;
  /** What is registered now. Read only when the run has no plan yet. */
  readonly readRegistry: (spec: Spec) => Promise<Registry>;
  /** Brings one file of a suite into `cache/sha256/<digest>`, verified. */
  readonly storeSuiteFile: (folder: string, file: SuiteFile) => Promise<void>;
  readonly softwareVersion: string;
  /** Where tasks run on one machine; absent on AWS. */
  readonly environment?: RunEnvironment;
  /** Where tasks get machines of their own; absent on one machine. */
  readonly cluster?: Omit<PlacePorts, 'objects'> & ReservePorts;
}

const WRITES_IN_FLIGHT = 64;

/** Throws when the spec cannot be planned any more, or a file of the suite is not what it was. */
export async function planStep(input: RunInput, ports: PlanPorts): Promise<PlanAnswer> {
  const { objects, runs } = ports;
  const { run, changed } = await changeRun(runs, input.run, (found) => begun(found, input, ports.clock));
  const nothing = { run: input.run, start: input.start, maxConcurrency: 1, ordinals: [] };
  // A newer start has the run, or Settle has ended this one.
  if (run.start !== input.start || run.state !== 'running') return nothing;
  if (changed) await publishRun(ports.events, run);
  const plan = (await storedPlan(input.run, ports)) ?? (await freeze(input.run, ports));
  await mapBounded(plan.jobs, WRITES_IN_FLIGHT, (job, ordinal) =>
    runs.createJob(newJobRecord(input.run, job.jobId, ordinal, job.stages, input.start)),
  );
  const spec = await readJsonObject(objects, keys.spec(input.run), specSchema);
  await addEvaluations(run, plan, spec, ports);
  const maxConcurrency = await jobsAtOnce(input.run, spec, ports);
  return { run: input.run, start: input.start, maxConcurrency, ordinals: plan.jobs.map((_, ordinal) => ordinal) };
}

/** What was asked for after the run was planned: its evaluators get a place, the jobs get their stages. */
async function addEvaluations(run: RunRecord, plan: Plan, spec: Spec, { objects, runs, cluster, readRegistry }: PlanPorts): Promise<void> {
  const passes = await readEvaluations(objects, run.runId);
  if (cluster !== undefined && passes.length > 0) {
    await placeEvaluations(run.runId, { plan, passes, spec, registry: await readRegistry(spec) }, { objects, ...cluster });
  }
  await alignStages(run, plan, passes, { objects, runs });
}

/** What the spec asks for, but no more than there are machines for where each job takes one. */
async function jobsAtOnce(runId: string, spec: Spec, { objects, cluster }: PlanPorts): Promise<number> {
  const { maxParallelJobs } = spec.compute;
  return cluster === undefined
    ? maxParallelJobs
    : Math.max(1, Math.min(maxParallelJobs, await machinesOf(runId, spec, { objects, ...cluster })));
}

function begun(run: RunRecord, input: RunInput, clock: Clock): RunRecord | null {
  if (run.start !== input.start || run.state !== 'accepted') return null;
  return { ...run, state: 'running', updatedAtMs: clock.nowMs() };
}

/** Where the run was placed may have to be mended: a deploy between two starts makes revisions inactive. */
async function storedPlan(runId: string, { objects, cluster }: PlanPorts): Promise<Plan | null> {
  if ((await objects.get(keys.plan(runId))) === null) return null;
  if (cluster !== undefined) await renewPlacements(runId, { objects, ...cluster });
  return readJsonObject(objects, keys.plan(runId), planSchema);
}

async function freeze(runId: string, ports: PlanPorts): Promise<Plan> {
  const { objects, runs, softwareVersion, environment = 'auto', cluster } = ports;
  const spec = await readJsonObject(objects, keys.spec(runId), specSchema);
  const registry = await ports.readRegistry(spec);
  const planned = planRun({ spec, registry, runId, softwareVersion, environment });
  refuseTags(planned);
  if (cluster === undefined) return store(planned.plan, planned, ports);
  const placements = await placeRun(runId, { jobs: planned.jobs, spec, registry }, { objects, ...cluster });
  const plan: Plan = { ...planned.plan, machinePerJob: true };
  if (spec.budget === undefined) return store(plan, planned, ports);
  const run = { maxUsd: spec.budget.maxUsd, suiteDigest: plan.suite.digest, placements };
  return store(plan, { ...planned, jobs: await withReservations(planned.jobs, run, { objects, runs }, cluster) }, ports);
}

/** A tag may move between two jobs of a run: what is planned is named by its digest. */
function refuseTags({ jobs }: PlannedRun): void {
  for (const { model } of jobs) {
    if (model.image === undefined || digestOfReference(model.image.reference) !== null) continue;
    throw new BakeoffError({
      code: 'image-by-tag',
      message: `the image ${model.image.reference} of ${model.id} is named by a tag; a plan needs its digest`,
      remedy: 'Write <name>@sha256:<64 hex digits>; `bakeoff run` looks the digest of a tag up.',
    });
  }
}

/** The plan last and once: whoever finds it finds the rest. */
async function store(plan: Plan, planned: PlannedRun, ports: PlanPorts): Promise<Plan> {
  const { objects } = ports;
  const { runId } = plan;
  await mapBounded(planned.files, 8, (file) => {
    if (planned.suiteFolder === null) throw strayFile(file);
    return ports.storeSuiteFile(planned.suiteFolder, file);
  });
  await objects.put(keys.spec(runId), `${JSON.stringify(planned.spec, null, 2)}\n`);
  await objects.put(keys.items(runId), jsonLines(planned.items));
  await objects.put(keys.references(runId), jsonLines(planned.references));
  await objects.put(keys.warmups(runId), jsonLines(planned.warmups));
  if (planned.trace !== null) await objects.put(keys.trace(runId), canonicalJson(planned.trace));
  await objects.put(keys.ordinals(runId), ordinalLines(plan.jobs.map(({ jobId }) => jobId)));
  await objects.put(keys.scoring(runId), `${JSON.stringify(scoringFactsOf(planned.spec, plan))}\n`);
  await mapBounded(planned.jobs, WRITES_IN_FLIGHT, (job) => objects.put(keys.job(runId, job.jobId), `${JSON.stringify(job, null, 2)}\n`));
  await objects.put(keys.plan(runId), `${JSON.stringify(plan, null, 2)}\n`, { ifAbsent: true });
  return readJsonObject(objects, keys.plan(runId), planSchema);
}

function jsonLines(values: readonly unknown[]): string {
  return values.map((value) => `${JSON.stringify(value)}\n`).join('');
}

function strayFile(file: SuiteFile): BakeoffError {
  return new BakeoffError({
    code: 'file-without-suite',
    message: `the file ${file.path} belongs to an item that is in no suite folder`,
    remedy: 'Put items with files into a suite.',
  });
}
