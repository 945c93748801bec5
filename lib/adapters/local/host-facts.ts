/** What machine this is, for the identity of results. Null where a fact cannot be read. */
import { arch, cpus, release, totalmem, type as osType } from 'node:os';

export interface LocalHostFacts {
  readonly os: string | null;
  readonly architecture: string | null;
  readonly cpuModel: string | null;
  readonly logicalCpus: number | null;
  readonly memoryMiB: number | null;
  readonly nodeVersion: string | null;
  readonly pythonVersion: string | null;
}

/** Of this machine, now; `pythonVersion` is that of the environments, null when no package needed one. */
export function hostFacts(pythonVersion: string | null): LocalHostFacts {
  const processors = cpus();
  return {
    os: `${osType()} ${release()}`,
    architecture: arch(),
    cpuModel: processors[0]?.model.trim() || null,
    logicalCpus: processors.length || null,
    memoryMiB: Math.round(totalmem() / 2 ** 20),
    nodeVersion: process.versions.node,
    pythonVersion,
  };
}
