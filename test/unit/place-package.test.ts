/** Where a package runs: the cheapest class that fits, as a property over fleets and requirements, and in plain cases. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { capacityProviderOf, DEFAULT_FLEET, type Fleet, type FleetClass, fleetSchema } from '../../lib/core/fleet.ts';
import { INSTANCE_TYPES, instanceCatalogue, priceOf } from '../../lib/core/instance-catalogue.ts';
import { placePackage, type Requirements, shortfallsOf } from '../../lib/core/place-package.ts';
import { PRICE_SHEET, priceSheetSchema } from '../../lib/core/price-sheet.ts';
import { usableCapacity } from '../../lib/core/usable-capacity.ts';

const AUTO = { class: 'auto' };
const cpuModel: Requirements = { accelerator: { kind: 'none' }, cpu: 1, memoryMiB: 1024, diskMiB: 300, maxConcurrency: 1 };

function gpuModel(minMemoryMiB: number, more: Partial<Requirements['accelerator']> = {}): Requirements {
  return { ...cpuModel, accelerator: { kind: 'cuda', count: 1, minMemoryMiB, ...more } };
}

function onDemand(instanceType: string, more: Partial<FleetClass> = {}): FleetClass {
  return { name: instanceType.replace('.', '-'), instanceType, market: 'on-demand', maxInstances: 1, rootVolumeGiB: 100, ...more };
}

/** What the sheet says a class costs, as the rule reads it. */
function boundOf({ instanceType, market }: FleetClass): number {
  const type = INSTANCE_TYPES.get(instanceType)!;
  return priceOf(type, market).usdPerHour ?? type.onDemand.usdPerHour ?? Number.POSITIVE_INFINITY;
}

const fleets: fc.Arbitrary<Fleet> = fc
  .array(
    fc.record({
      instanceType: fc.constantFrom(...INSTANCE_TYPES.keys()),
      market: fc.constantFrom('spot' as const, 'on-demand' as const),
      rootVolumeGiB: fc.constantFrom(60, 100, 1000),
    }),
    { minLength: 1, maxLength: 8 },
  )
  .map((classes) => classes.map((one, index) => ({ ...one, name: `class-${index}`, maxInstances: 1 })));

const requirements: fc.Arbitrary<Requirements> = fc.record({
  accelerator: fc.oneof(
    fc.constant({ kind: 'none' as const }),
    fc.record({
      kind: fc.constant('cuda' as const),
      count: fc.integer({ min: 1, max: 8 }),
      minMemoryMiB: fc.integer({ min: 0, max: 150_000 }),
      minComputeCapability: fc.constantFrom('7.0', '8.0', '8.9', '9.0'),
    }),
  ),
  cpu: fc.integer({ min: 1, max: 200 }),
  memoryMiB: fc.integer({ min: 1, max: 2_200_000 }),
  diskMiB: fc.integer({ min: 0, max: 8_000_000 }),
  maxConcurrency: fc.constant(1),
});

const wishes = fc.record({ class: fc.constantFrom('auto', 'class-0'), spot: fc.constantFrom(undefined, true, false) });

/** The rule once more, written as plainly as it can be. */
function fits(needs: Requirements, fleetClass: FleetClass, wish: { class: string; spot: boolean | undefined }): boolean {
  const { gpu, cpuUnits, memoryMiB, diskMiB } = usableCapacity(fleetClass);
  const { accelerator } = needs;
  const [major, minor] = (accelerator.minComputeCapability ?? '0.0').split('.').map(Number);
  const isGpuEnough =
    accelerator.kind === 'none' ||
    (gpu !== null &&
      gpu.count >= (accelerator.count ?? 1) &&
      gpu.memoryMiB >= (accelerator.minMemoryMiB ?? 0) &&
      gpu.computeCapability[0] * 100 + gpu.computeCapability[1] >= major! * 100 + minor!);
  const isAllowed = (wish.class === 'auto' || wish.class === fleetClass.name) && (wish.spot !== false || fleetClass.market === 'on-demand');
  return isAllowed && isGpuEnough && cpuUnits >= needs.cpu * 1024 && memoryMiB >= needs.memoryMiB && diskMiB >= needs.diskMiB;
}

describe('placement', () => {
  it('takes a class that fits, the cheapest of them, and is unfit only when none fits', () => {
    fc.assert(
      fc.property(requirements, wishes, fleets, (needs, wish, fleet) => {
        const fitting = fleet.filter((one) => fits(needs, one, wish));
        const placed = placePackage(needs, wish, fleet);
        if (placed.kind === 'unfit') {
          expect(fitting).toEqual([]);
          expect(placed.nearest).not.toBeNull();
          expect(placed.shortfalls.length).toBeGreaterThan(0);
          return;
        }
        expect(fitting).toContain(placed.fleetClass);
        expect(boundOf(placed.fleetClass)).toBe(Math.min(...fitting.map(boundOf)));
      }),
      { numRuns: 1000 },
    );
  });

  it('never gets dearer, nor unfit, when the fleet gets a class more', () => {
    fc.assert(
      fc.property(requirements, fleets, fleets, (needs, fleet, [extra]) => {
        const before = placePackage(needs, AUTO, fleet);
        const after = placePackage(needs, AUTO, [...fleet, { ...extra!, name: 'extra' }]);
        if (before.kind === 'unfit') return;
        if (after.kind === 'unfit') throw new Error('it fitted before');
        expect(boundOf(after.fleetClass)).toBeLessThanOrEqual(boundOf(before.fleetClass));
      }),
      { numRuns: 1000 },
    );
  });

  it('does not depend on the order of the fleet', () => {
    fc.assert(
      fc.property(requirements, fleets, (needs, fleet) => {
        expect(placePackage(needs, AUTO, fleet.toReversed())).toEqual(placePackage(needs, AUTO, fleet));
      }),
    );
  });
});

it('the default fleet passes its own schema', () => {
  expect(fleetSchema.parse(DEFAULT_FLEET)).toEqual(DEFAULT_FLEET);
});

describe('the default fleet with an L40S beside it', () => {
  const fleet = fleetSchema.parse([
    ...DEFAULT_FLEET,
    { name: 'g6e-xlarge', instanceType: 'g6e.xlarge', market: 'spot', maxInstances: 2, rootVolumeGiB: 100 },
  ]);
  const classOf = (needs: Requirements) => {
    const placed = placePackage(needs, AUTO, fleet);
    return placed.kind === 'placed' ? placed.fleetClass.name : placed.message;
  };

  it.each([
    ['a CPU model on the machine without GPU', cpuModel, 'cpu'],
    ['a small GPU model on the L4', gpuModel(16_000), 'g6-xlarge'],
    ['just what an L4 has after the reserve on the L4', gpuModel(21_864), 'g6-xlarge'],
    ['one MiB more on the L40S', gpuModel(21_865), 'g6e-xlarge'],
    [
      'a model that asks for a GPU and says no more on the L4',
      { ...cpuModel, accelerator: { kind: 'cuda' } } satisfies Requirements,
      'g6-xlarge',
    ],
  ])('puts %s', (_, needs, expected) => {
    expect(classOf(needs)).toBe(expected);
  });

  it.each([
    [gpuModel(45_000), 'needs 45,000 MiB of GPU memory; the nearest class g6e-xlarge has 44,752 MiB after the reserve'],
    [gpuModel(8_000, { minComputeCapability: '9.0' }), 'needs compute capability 9.0; the nearest class g6-xlarge has 8.9 (L4)'],
    [gpuModel(8_000, { minComputeCapability: 'hopper' }), 'needs compute capability hopper; the nearest class g6-xlarge has 8.9 (L4)'],
    [gpuModel(8_000, { count: 4 }), 'needs 4 GPUs; the nearest class g6-xlarge has 1'],
    [{ ...cpuModel, cpu: 4 }, 'needs 4 vCPU; the nearest class cpu has 3.75 after the driver'],
    [
      { ...cpuModel, memoryMiB: 40_000 },
      'needs 40,000 MiB of memory; the nearest class g6e-xlarge has 29,849 MiB after the driver and the system',
    ],
  ])('refuses %j in words', (needs, expected) => {
    expect(classOf(needs)).toBe(expected);
  });
});

describe('a placement', () => {
  it('puts a CPU model on a GPU machine where the fleet has no other', () => {
    expect(placePackage(cpuModel, AUTO, [onDemand('g6.xlarge')])).toMatchObject({ kind: 'placed', fleetClass: { name: 'g6-xlarge' } });
  });

  it('keeps off Spot where the spec says so, and takes it otherwise', () => {
    const fleet = [onDemand('g6.xlarge', { name: 'spot', market: 'spot' }), onDemand('g6.xlarge', { name: 'steady' })];
    expect(placePackage(gpuModel(1), { class: 'auto', spot: false }, fleet)).toMatchObject({ fleetClass: { name: 'steady' } });
    expect(placePackage(gpuModel(1), { class: 'auto', spot: true }, fleet)).toMatchObject({ fleetClass: { name: 'spot' } });
    expect(placePackage(gpuModel(1), { class: 'spot', spot: false }, fleet)).toMatchObject({
      message: 'needs On-Demand capacity (compute.spot is false); the class spot is Spot',
    });
  });

  it('takes the named class though another is cheaper, and says what a missing one could be', () => {
    const fleet = [onDemand('g6.xlarge'), onDemand('g6e.xlarge')];
    expect(placePackage(gpuModel(1), { class: 'g6e-xlarge' }, fleet)).toMatchObject({ fleetClass: { name: 'g6e-xlarge' } });
    expect(placePackage(gpuModel(1), { class: 'p5' }, fleet)).toMatchObject({
      nearest: null,
      message: 'the fleet has no class "p5"; it has g6-xlarge, g6e-xlarge',
    });
  });

  it('reads capabilities as numbers: 8.10 is above 8.9', () => {
    const capacity = usableCapacity(onDemand('g6.xlarge'));
    expect(shortfallsOf(gpuModel(1, { minComputeCapability: '8.10' }), capacity)).toHaveLength(1);
    expect(shortfallsOf(gpuModel(1, { minComputeCapability: '8' }), capacity)).toEqual([]);
  });
});

describe('a fleet', () => {
  it.each([
    ['an unknown type', [onDemand('g9.mega')]],
    ['two classes of one name', [onDemand('g6.xlarge'), onDemand('g6.xlarge')]],
    ['a class that is called auto', [onDemand('g6.xlarge', { name: 'auto' })]],
    ['nothing', []],
    ['more classes than a cluster takes', Array.from({ length: 21 }, (_, index) => onDemand('g6.xlarge', { name: `c${index}` }))],
  ])('with %s is refused', (_, fleet) => {
    expect(fleetSchema.safeParse(fleet).success).toBe(false);
  });

  it('names its capacity providers as ECS allows', () => {
    expect(capacityProviderOf('bakeoff-service', 'cpu')).toBe('bakeoff-service-cpu');
    expect(capacityProviderOf('aws-team', 'cpu')).toBe('cp-aws-team-cpu');
    expect(() => capacityProviderOf('a b', 'cpu')).toThrow('cannot name');
  });
});

describe('the catalogue', () => {
  it('has memory that was read, or at least what the marketed gigabytes make', () => {
    expect(INSTANCE_TYPES.get('g6.xlarge')?.gpu).toMatchObject({ name: 'L4', memoryMiB: 22_888, memoryBasis: 'read' });
    expect(INSTANCE_TYPES.get('g4dn.xlarge')?.gpu).toMatchObject({ name: 'T4', memoryMiB: 15_258, memoryBasis: 'derived' });
    for (const row of PRICE_SHEET.ec2_gpu) {
      if (row.vram_mib_per_gpu !== null) expect(Math.floor((row.vram_gb_per_gpu * 1e9) / 2 ** 20)).toBe(row.vram_mib_per_gpu);
    }
  });

  it('takes the highest Spot price of the snapshot, and none where none was read', () => {
    expect(INSTANCE_TYPES.get('g6.xlarge')?.spot).toMatchObject({
      usdPerHour: 0.5525,
      reason: null,
      verified: false,
      priceDate: '2026-11-20',
    });
    expect(INSTANCE_TYPES.get('g6.xlarge')?.onDemand).toMatchObject({ usdPerHour: 0.8048, asOf: '2026-09-24', verified: true });
    expect(INSTANCE_TYPES.get('g4dn.2xlarge')?.spot).toMatchObject({
      usdPerHour: null,
      reason: 'the price sheet has no Spot price of g4dn.2xlarge',
    });
  });

  it('has a compute capability for every GPU of the sheet', () => {
    const [row] = PRICE_SHEET.ec2_gpu;
    const sheet = priceSheetSchema.parse({ ...PRICE_SHEET, ec2_gpu: [{ ...row, gpu: 'Z1' }] });
    expect(() => instanceCatalogue(sheet)).toThrow('Z1');
  });
});
