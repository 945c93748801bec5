/**
 * Where each package of a run runs on AWS: the class of the fleet that fits and the revision of its task definition, frozen in
 * `placements.json`. Called by Plan at every start: a later one registers anew what has become inactive meanwhile.
 */
import { capacityProviderOf } from '../core/fleet.ts';
import type { DeployedFleet } from '../core/deployed-fleet.ts';
import { BakeoffError } from '../core/errors.ts';
import { keys } from '../core/object-key.ts';
import { type EvaluationPass, type JobEvaluator, ownerOf, withPasses } from '../core/evaluation-pass.ts';
import { type Job, jobSchema, type Plan } from '../core/job.ts';
import type { Manifest } from '../core/manifest.ts';
import { placePackage, wishOf } from '../core/place-package.ts';
import { type PlacedClass, type Placement, type Placements, placementsSchema } from '../core/placements.ts';
import { PRICE_SHEET } from '../core/price-sheet.ts';
import type { ModelStore, ObjectStore, TaskDefinitions } from '../core/ports.ts';
import type { Registry } from '../core/registry.ts';
import type { Spec } from '../core/spec.ts';
import { familyOf } from '../core/task-definition.ts';
import { mapBounded } from './map-bounded.ts';
import { readJsonObject } from './read-json-object.ts';

export interface PlacePorts {
  readonly objects: ObjectStore;
  readonly taskDefinitions: TaskDefinitions;
  readonly models: Pick<ModelStore, 'getImage'>;
  readonly fleet: DeployedFleet;
  /** Name of the service stack: prefix of families. */
  readonly stack: string;
}

/** A package that the plan, or a later pass, has frozen. */
interface PlannedPackage {
  /** Under which it stands in the placements: its id, and the pass of an evaluator. */
  readonly name: string;
  readonly id: string;
  readonly digest: string;
  readonly kind: 'model' | 'evaluator';
}

/** DescribeTaskDefinition: 50 in a burst, 20 a second. */
const DESCRIBED_IN_FLIGHT = 8;

export async function readPlacements(objects: ObjectStore, runId: string): Promise<Placements> {
  return readJsonObject(objects, keys.placements(runId), placementsSchema);
}

/** All packages of the jobs, placed. Throws `package-not-deployed` and `package-unfit`, each naming all packages at once. */
export async function placeRun(
  runId: string,
  { jobs, spec, registry }: { readonly jobs: readonly Job[]; readonly spec: Spec; readonly registry: Registry },
  ports: PlacePorts,
): Promise<Placements> {
  const placements = await placeAll(packagesOf(jobs), spec, registry, ports);
  await writePlacements(ports.objects, runId, placements);
  return placements;
}

export interface EvaluatedPlan {
  readonly plan: Plan;
  readonly passes: readonly EvaluationPass[];
  readonly spec: Spec;
  readonly registry: Registry;
}

/** Adds places for the evaluators of later passes that count and have none yet. Throws what placeRun throws. */
export async function placeEvaluations(runId: string, { plan, passes, spec, registry }: EvaluatedPlan, ports: PlacePorts): Promise<void> {
  const [first] = plan.jobs;
  if (first === undefined) return;
  const job = withPasses(await readJsonObject(ports.objects, keys.job(runId, first.jobId), jobSchema), passes);
  const known = await readPlacements(ports.objects, runId);
  const missing = job.evaluators.map(plannedEvaluator).filter(({ name }) => known.packages[name] === undefined);
  if (missing.length === 0) return;
  const { packages } = await placeAll(missing, spec, registry, ports);
  await writePlacements(ports.objects, runId, { ...known, packages: { ...known.packages, ...packages } });
}

/** At a later start: the revisions that have become inactive are registered anew, with the same content. */
export async function renewPlacements(runId: string, { objects, taskDefinitions }: PlacePorts): Promise<void> {
  const frozen = await readPlacements(objects, runId);
  const entries = await mapBounded(Object.entries(frozen.packages), DESCRIBED_IN_FLIGHT, async ([id, placement]) => {
    if (await taskDefinitions.isActive(placement.taskDefinitionArn)) return [id, placement] as const;
    return [id, { ...placement, taskDefinitionArn: await taskDefinitions.registerAgain(placement.taskDefinitionArn) }] as const;
  });
  const renewed: Placements = { ...frozen, packages: Object.fromEntries(entries) };
  if (JSON.stringify(renewed) !== JSON.stringify(frozen)) await writePlacements(objects, runId, renewed);
}

/** Machines that the models of a run can have at once. More jobs than these would wait for one, and waiting has an end (AdvanceLimits). */
export async function machinesOf(
  runId: string,
  { models }: Pick<Spec, 'models'>,
  { objects, fleet }: Pick<PlacePorts, 'objects' | 'fleet'>,
): Promise<number> {
  const { packages } = await readPlacements(objects, runId);
  const classes = new Set(models.flatMap(({ model }) => packages[model]?.class.name ?? []));
  return fleet.filter(({ name }) => classes.has(name)).reduce((sum, { maxInstances }) => sum + maxInstances, 0);
}

async function writePlacements(objects: ObjectStore, runId: string, placements: Placements): Promise<void> {
  await objects.put(keys.placements(runId), `${JSON.stringify(placements, null, 1)}\n`);
}

function packagesOf(jobs: readonly Job[]): PlannedPackage[] {
  const planned = jobs.flatMap(({ model, evaluators }): PlannedPackage[] => [
    { name: model.id, id: model.id, digest: model.digest, kind: 'model' },
    ...evaluators.map(plannedEvaluator),
  ]);
  return [...new Map(planned.map((each) => [each.name, each])).values()];
}

function plannedEvaluator(evaluator: JobEvaluator): PlannedPackage {
  return { name: ownerOf(evaluator), id: evaluator.package.id, digest: evaluator.package.digest, kind: 'evaluator' };
}

async function placeAll(packages: readonly PlannedPackage[], spec: Spec, registry: Registry, ports: PlacePorts): Promise<Placements> {
  const classes = packages.map((planned) => classFor(planned, spec, registry, ports));
  throwFaults('package-unfit', classes, 'Add a larger class to the fleet of the deployment, or leave the package out.');
  const revisions = await mapBounded(packages, DESCRIBED_IN_FLIGHT, (planned) => revisionFor(planned, ports));
  throwFaults('package-not-deployed', revisions, 'Deploy again with the package, then start a new run.');
  const placements = packages.flatMap(({ name, id, digest }, index): [string, Placement][] => {
    const [placedClass, revision] = [classes[index], revisions[index]];
    if (placedClass === undefined || 'fault' in placedClass || revision === undefined || 'fault' in revision) return [];
    return [[name, { packageId: id, digest, class: placedClass, ...revision }]];
  });
  return { schema: 1, packages: Object.fromEntries(placements) };
}

type Fault = { readonly fault: string };

function classFor({ id, kind }: PlannedPackage, spec: Spec, registry: Registry, { fleet, stack }: PlacePorts): PlacedClass | Fault {
  const manifest: Manifest | undefined = (kind === 'model' ? registry.models : registry.evaluators).get(id)?.manifest;
  if (manifest === undefined) return { fault: `${id} is not in the registry of this deployment` };
  const placed = placePackage(manifest.requirements, wishOf(spec, kind), fleet);
  if (placed.kind === 'unfit') return { fault: `${id} ${placed.message}` };
  const { name, instanceType, market } = placed.fleetClass;
  const named = fleet.find((candidate) => candidate.name === name)?.capacityProvider;
  return {
    ...{ name, instanceType, market },
    capacityProvider: named === undefined ? capacityProviderOf(stack, name) : named,
    usdPerHour: placed.price.usdPerHour,
    priceDate: PRICE_SHEET.compiled,
  };
}

type Revision = Pick<Placement, 'taskDefinitionArn' | 'family'>;

async function revisionFor({ id, digest }: PlannedPackage, { taskDefinitions, models, stack }: PlacePorts): Promise<Revision | Fault> {
  const image = await models.getImage(id);
  const family = image?.family ?? familyOf(stack, id);
  const newest = await taskDefinitions.newest(family);
  if (newest === null) return { fault: `${id} has no task definition (${family})` };
  if (newest.digest === digest) return { taskDefinitionArn: newest.arn, family };
  return { fault: `${id} is deployed with digest ${(newest.digest ?? 'none').slice(0, 12)}; the run needs ${digest.slice(0, 12)}` };
}

function throwFaults(code: string, results: readonly (object | Fault)[], remedy: string): void {
  const faults = results.flatMap((result) => ('fault' in result ? [result.fault] : []));
  if (faults.length > 0) throw new BakeoffError({ code, message: faults.join('; ').slice(0, 4000), remedy, kind: 'environment' });
}
