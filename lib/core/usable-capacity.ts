/**
 * What a model may use of an instance: the type's figures less what the driver beside it, the system and the GPU's own software need.
 * Placement compares with it; the builder of task definitions gives the driver the very share that is taken off here.
 */
import type { FleetClass } from './fleet.ts';
import { type Gpu, INSTANCE_TYPES, type InstanceType } from './instance-catalogue.ts';

/** Share of the driver container: memory is a hard limit, CPU is shares (1,024 = one vCPU). */
export const DRIVER_SHARE = { memoryMiB: 1024, cpuUnits: 256 } as const;

/** Of each GPU, for the driver's and the CUDA context's own memory. */
const GPU_RESERVE_MIB = 1024;

/**
 * Of the machine, for kernel, Docker and the ECS agent: a twentieth and 256 MiB. ECS offers what the kernel reports, which is 2 to 4 %
 * below the type's figure.
 */
const SYSTEM_MEMORY = { fraction: 0.05, mib: 256 } as const;

/** Of the disk, for the system image and the images of the containers. */
const SYSTEM_DISK_MIB = 30 * 1024;

export interface UsableCapacity {
  readonly instanceType: InstanceType;
  /** 1,024 = one vCPU. */
  readonly cpuUnits: number;
  readonly memoryMiB: number;
  readonly diskMiB: number;
  /** Memory of each GPU after the reserve. */
  readonly gpu: Gpu | null;
}

/** Throws a plain Error for a type that is not in the catalogue; the fleet's schema refuses those. */
export function usableCapacity(fleetClass: Pick<FleetClass, 'instanceType' | 'rootVolumeGiB'>): UsableCapacity {
  const instanceType = INSTANCE_TYPES.get(fleetClass.instanceType);
  if (instanceType === undefined) throw new Error(`${fleetClass.instanceType} is not in the catalogue`);
  const { vcpu, memoryMiB, gpu, nvmeMiB } = instanceType;
  const systemMiB = Math.ceil(memoryMiB * SYSTEM_MEMORY.fraction) + SYSTEM_MEMORY.mib;
  return {
    instanceType,
    cpuUnits: vcpu * 1024 - DRIVER_SHARE.cpuUnits,
    memoryMiB: memoryMiB - systemMiB - DRIVER_SHARE.memoryMiB,
    diskMiB: (nvmeMiB ?? fleetClass.rootVolumeGiB * 1024) - SYSTEM_DISK_MIB,
    gpu: gpu === null ? null : { ...gpu, memoryMiB: gpu.memoryMiB - GPU_RESERVE_MIB },
  };
}
