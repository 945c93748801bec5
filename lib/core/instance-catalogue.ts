/**
 * The instance types that a fleet may use: what they have and what an hour costs, from the price sheet. Placement and cost
 * accounting look types up here. A type that is not in the sheet cannot be placed on: nobody would know its memory or its price.
 */
import { PRICE_SHEET, type PriceSheet } from './price-sheet.ts';

export type Market = 'spot' | 'on-demand';

export interface Gpu {
  /** NVIDIA's name of the model, for example `L40S`. */
  readonly name: string;
  readonly count: number;
  /**
   * Memory of each GPU, MiB. `read`: as EC2 reports it. `derived`: the marketed gigabytes taken as decimal (the smaller reading, which is
   * what EC2 reports for the types that were read: 24 GB is 22,888 MiB), so the GPU has at least that much.
   */
  readonly memoryMiB: number;
  readonly memoryBasis: 'read' | 'derived';
  /** CUDA compute capability, major and minor. */
  readonly computeCapability: readonly [number, number];
}

export interface HourlyPrice {
  /** Null where the sheet has none: `reason` says why. */
  readonly usdPerHour: number | null;
  readonly reason: string | null;
  /** Date of the sheet, YYYY-MM-DD. */
  readonly priceDate: string;
  /** When the source was valid, as far as it is known. */
  readonly asOf: string | null;
  readonly verified: boolean;
}

export interface InstanceType {
  readonly instanceType: string;
  readonly vcpu: number;
  readonly memoryMiB: number;
  readonly architecture: 'x86_64';
  readonly gpu: Gpu | null;
  /** Local NVMe disks together, MiB; null where there is none or its size is not known. */
  readonly nvmeMiB: number | null;
  readonly onDemand: HourlyPrice;
  readonly spot: HourlyPrice;
}

/** NVIDIA, "CUDA GPU Compute Capability", of the GPUs in the sheet. */
const COMPUTE_CAPABILITY: Readonly<Record<string, readonly [number, number]>> = {
  V100: [7, 0],
  T4: [7, 5],
  A100: [8, 0],
  A10G: [8, 6],
  L4: [8, 9],
  L40S: [8, 9],
  H100: [9, 0],
  H200: [9, 0],
};

const MIB_PER_GIB = 1024;

/** By name of the type. Throws a plain Error for a GPU without a compute capability: the table above is then incomplete. */
export function instanceCatalogue(sheet: PriceSheet): ReadonlyMap<string, InstanceType> {
  const gpuTypes = sheet.ec2_gpu.map((row): InstanceType => {
    const computeCapability = COMPUTE_CAPABILITY[row.gpu];
    if (computeCapability === undefined) throw new Error(`no compute capability is known for the GPU ${row.gpu}`);
    const read = row.vram_mib_per_gpu;
    return {
      ...machineOf(row),
      gpu: {
        name: row.gpu,
        count: row.gpu_count,
        memoryMiB: read ?? mibOfGb(row.vram_gb_per_gpu),
        memoryBasis: read === null ? 'derived' : 'read',
        computeCapability,
      },
      nvmeMiB: row.local_nvme_gb === undefined ? null : mibOfGb(row.local_nvme_gb),
      onDemand: onDemandPrice(row, sheet),
      spot: spotPrice(row, sheet),
    };
  });
  const cpuTypes = sheet.ec2_cpu.map(
    (row): InstanceType => ({
      ...machineOf(row),
      gpu: null,
      nvmeMiB: null,
      onDemand: onDemandPrice(row, sheet),
      spot: spotPrice({ instance_type: row.instance_type, spot_usd_h: null }, sheet),
    }),
  );
  return new Map([...gpuTypes, ...cpuTypes].map((type) => [type.instanceType, type]));
}

/** The catalogue of the sheet that comes with this version. */
export const INSTANCE_TYPES: ReadonlyMap<string, InstanceType> = instanceCatalogue(PRICE_SHEET);

export function priceOf(type: InstanceType, market: Market): HourlyPrice {
  return market === 'spot' ? type.spot : type.onDemand;
}

function machineOf(row: { readonly instance_type: string; readonly vcpu: number; readonly memory_gib: number }) {
  const memoryMiB = row.memory_gib * MIB_PER_GIB;
  return { instanceType: row.instance_type, vcpu: row.vcpu, memoryMiB, architecture: 'x86_64' } as const;
}

/** Marketed gigabytes, read as decimal. */
function mibOfGb(gb: number): number {
  return Math.floor((gb * 1e9) / 2 ** 20);
}

function onDemandPrice(row: { readonly instance_type: string; readonly on_demand_usd_h: number | null }, sheet: PriceSheet): HourlyPrice {
  const { as_of, verified } = sheet.sources.ec2_od;
  return {
    usdPerHour: row.on_demand_usd_h,
    reason: row.on_demand_usd_h === null ? `the price sheet has no On-Demand price of ${row.instance_type}` : null,
    priceDate: sheet.compiled,
    asOf: as_of ?? null,
    verified: verified === true,
  };
}

/**
 * The highest price over the zones of the snapshot: Spot prices move and a group takes the zone that has capacity, so the lowest would
 * promise too much. It is one snapshot, never an average.
 */
function spotPrice(
  row: { readonly instance_type: string; readonly spot_usd_h: { readonly high: number } | null },
  sheet: PriceSheet,
): HourlyPrice {
  const { as_of, verified } = sheet.sources.ec2_spot;
  return {
    usdPerHour: row.spot_usd_h?.high ?? null,
    reason: row.spot_usd_h === null ? `the price sheet has no Spot price of ${row.instance_type}` : null,
    priceDate: sheet.compiled,
    asOf: as_of ?? null,
    verified: verified === true,
  };
}
