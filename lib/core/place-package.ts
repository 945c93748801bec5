/**
 * Placement: which class of the fleet a package runs on. Pure: requirements of the manifest, the spec's `compute` and the fleet in, the
 * cheapest class that fits out, or the nearest one and what it lacks. Called by Plan, `bakeoff plan` and the checks of a launch.
 */
import { countNoun } from './count-noun.ts';
import type { Fleet, FleetClass } from './fleet.ts';
import { type HourlyPrice, priceOf } from './instance-catalogue.ts';
import type { Manifest } from './manifest.ts';
import type { Spec } from './spec.ts';
import { type UsableCapacity, usableCapacity } from './usable-capacity.ts';

export type Requirements = Manifest['requirements'];

export interface PlacementWish {
  /** Name of a class, or `auto` for the cheapest that fits. */
  readonly class: string;
  /** False: On-Demand classes only. True, the default: Spot too, where it is cheaper. */
  readonly spot?: boolean | undefined;
}

export interface Shortfall {
  readonly what: 'accelerator' | 'gpu-count' | 'gpu-memory' | 'compute-capability' | 'cpu' | 'memory' | 'disk' | 'market';
  /** For example `needs 45,000 MiB of GPU memory`. */
  readonly needs: string;
  /** For example `has 44,752 MiB after the reserve`. */
  readonly has: string;
  /** How far off: the missing share of what is needed, 0 to 1; 2 where a GPU is needed and there is none. */
  readonly missing: number;
}

export type PlacementResult =
  | { readonly kind: 'placed'; readonly fleetClass: FleetClass; readonly price: HourlyPrice }
  /** `nearest` is null only where the wish names a class that the fleet lacks; `message` is one sentence for people. */
  | { readonly kind: 'unfit'; readonly nearest: FleetClass | null; readonly shortfalls: readonly Shortfall[]; readonly message: string };

/** What a spec asks for. Its class is meant for the models: evaluators go where they fit for the least. */
export function wishOf({ compute }: Pick<Spec, 'compute'>, kind: 'model' | 'evaluator'): PlacementWish {
  return { class: kind === 'model' ? compute.class : 'auto', spot: compute.spot };
}

/**
 * The cheapest class that fits; at the same price the one without GPU, then the first by name. A class costs what the price sheet says for
 * its market; Spot without a price in the sheet counts as On-Demand, its upper bound, and a class without any price comes last. So a CPU
 * model runs on a machine without GPU where that is cheaper, which it is unless the fleet has none that is large enough.
 */
export function placePackage(requirements: Requirements, wish: PlacementWish, fleet: Fleet): PlacementResult {
  const candidates = fleet.filter(({ name }) => wish.class === 'auto' || name === wish.class);
  const judged = candidates.map((fleetClass) => {
    const capacity = usableCapacity(fleetClass);
    return { fleetClass, capacity, shortfalls: [...marketShortfall(wish, fleetClass), ...shortfallsOf(requirements, capacity)] };
  });
  const byCost = judged.toSorted((a, b) => compareCost(a, b));
  const fitting = byCost.find(({ shortfalls }) => shortfalls.length === 0);
  if (fitting !== undefined) {
    return { kind: 'placed', fleetClass: fitting.fleetClass, price: priceOf(fitting.capacity.instanceType, fitting.fleetClass.market) };
  }
  const nearest = byCost.toSorted((a, b) => distance(a.shortfalls) - distance(b.shortfalls))[0];
  if (nearest === undefined) {
    const names = fleet.map(({ name }) => name).join(', ');
    return { kind: 'unfit', nearest: null, shortfalls: [], message: `the fleet has no class "${wish.class}"; it has ${names}` };
  }
  const { fleetClass, shortfalls } = nearest;
  return { kind: 'unfit', nearest: fleetClass, shortfalls, message: unfitMessage(fleetClass, shortfalls, wish) };
}

/** What a class lacks for a package; empty when it fits. */
export function shortfallsOf(requirements: Requirements, capacity: UsableCapacity): Shortfall[] {
  const after = 'after the driver and the system';
  return [
    ...acceleratorShortfalls(requirements.accelerator, capacity),
    ...amount('cpu', requirements.cpu, capacity.cpuUnits / 1024, 'vCPU', 'after the driver'),
    ...amount('memory', requirements.memoryMiB, capacity.memoryMiB, 'MiB of memory', after),
    ...amount('disk', requirements.diskMiB, capacity.diskMiB, 'MiB of disk', 'after the system and its images'),
  ];
}

function acceleratorShortfalls(accelerator: Requirements['accelerator'], { gpu, instanceType }: UsableCapacity): Shortfall[] {
  if (accelerator.kind === 'none') return [];
  const count = gpuCountOf(accelerator);
  if (gpu === null) {
    return [{ what: 'accelerator', needs: `needs ${countNoun(count, 'GPU')}`, has: `has none (${instanceType.instanceType})`, missing: 2 }];
  }
  return [
    ...amount('gpu-count', count, gpu.count, 'GPUs', ''),
    ...amount('gpu-memory', accelerator.minMemoryMiB ?? 0, gpu.memoryMiB, 'MiB of GPU memory', 'after the reserve'),
    ...capabilityShortfall(accelerator.minComputeCapability, gpu.computeCapability, gpu.name),
  ];
}

/** GPUs that a manifest asks for: `count`, or one where the kind alone is given. */
export function gpuCountOf(accelerator: Requirements['accelerator']): number {
  return accelerator.kind === 'none' ? 0 : Math.max(1, accelerator.count ?? 1);
}

function amount(what: Shortfall['what'], needed: number, available: number, unit: string, after: string): Shortfall[] {
  if (needed <= available) return [];
  const has = `has ${formatCount(available)}${unit.startsWith('MiB') ? ' MiB' : ''}${after === '' ? '' : ` ${after}`}`;
  return [{ what, needs: `needs ${formatCount(needed)} ${unit}`, has, missing: (needed - Math.max(0, available)) / needed }];
}

function capabilityShortfall(wanted: string | undefined, [major, minor]: readonly [number, number], gpu: string): Shortfall[] {
  if (wanted === undefined) return [];
  const parts = /^(\d{1,3})(?:\.(\d{1,3}))?$/.exec(wanted);
  const shortfall = {
    what: 'compute-capability',
    needs: `needs compute capability ${wanted}`,
    has: `has ${major}.${minor} (${gpu})`,
  } as const;
  // A text that is no version fits nothing: guessing would place the model where it cannot run.
  if (parts === null) return [{ ...shortfall, missing: 1 }];
  const wantedMajor = Number(parts[1]);
  const wantedMinor = Number(parts[2] ?? 0);
  const isMet = major > wantedMajor || (major === wantedMajor && minor >= wantedMinor);
  const missing = (wantedMajor + wantedMinor / 10 - (major + minor / 10)) / (wantedMajor + wantedMinor / 10);
  return isMet ? [] : [{ ...shortfall, missing: Math.max(0.01, missing) }];
}

function marketShortfall({ spot }: PlacementWish, { market }: FleetClass): Shortfall[] {
  if (spot !== false || market === 'on-demand') return [];
  return [{ what: 'market', needs: 'needs On-Demand capacity (compute.spot is false)', has: 'is Spot', missing: 0.1 }];
}

interface Judged {
  readonly fleetClass: FleetClass;
  readonly capacity: UsableCapacity;
  readonly shortfalls: readonly Shortfall[];
}

function compareCost(a: Judged, b: Judged): number {
  const [costA, costB] = [upperBound(a), upperBound(b)];
  if (costA !== costB) return costA < costB ? -1 : 1;
  const gpus = (a.capacity.gpu?.count ?? 0) - (b.capacity.gpu?.count ?? 0);
  if (gpus !== 0) return gpus;
  return a.fleetClass.name < b.fleetClass.name ? -1 : 1;
}

function upperBound({ fleetClass, capacity: { instanceType } }: Judged): number {
  return priceOf(instanceType, fleetClass.market).usdPerHour ?? instanceType.onDemand.usdPerHour ?? Number.POSITIVE_INFINITY;
}

function distance(shortfalls: readonly Shortfall[]): number {
  return shortfalls.reduce((sum, { missing }) => sum + missing, 0);
}

function unfitMessage({ name }: FleetClass, shortfalls: readonly Shortfall[], wish: PlacementWish): string {
  const which = wish.class === 'auto' ? 'the nearest class' : 'the class';
  return shortfalls.map(({ needs, has }, index) => `${needs}; ${index === 0 ? `${which} ${name}` : 'it'} ${has}`).join('; ');
}

/** 44752 is `44,752`; always in English, whatever the machine. */
function formatCount(value: number): string {
  return value.toLocaleString('en-US', { maximumFractionDigits: 2 });
}
