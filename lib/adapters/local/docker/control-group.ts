/**
 * What a container uses, read from its control group (version 1 or 2) on this machine: resident memory summed over its processes, as the
 * process environment counts it, CPU time, and whether the kernel had to kill for memory. Called by model-container.ts.
 */
import { readFileSync } from 'node:fs';
import { readProcess } from '../process/process-table.ts';

export interface ContainerUsage {
  readonly peakRssMiB: number | null;
  readonly cpuSeconds: number | null;
  readonly sampleHz: number | null;
}

export interface UsageWatch {
  /** True once the kernel has killed a process of the container for lack of memory. */
  readonly isOutOfMemory: () => boolean;
  /** Takes a last look and ends the watch. */
  readonly end: () => ContainerUsage;
}

const SAMPLE_MS = 100;
const ROOT = '/sys/fs/cgroup';

/** `pid`: the container's first process, on the host. */
export function watchContainer(pid: number): UsageWatch {
  const group = groupOf(pid);
  const startedMs = performance.now();
  let peakKiB: number | null = null;
  let cpuSeconds: number | null = null;
  let samples = 0;
  let outOfMemory = false;
  const look = (): void => {
    if (group === null) return;
    const rows = pidsOf(group).flatMap((each) => readProcess(each) ?? []);
    if (rows.length === 0) return;
    samples += 1;
    const rssKiB = rows.reduce((sum, row) => sum + row.rssKiB, 0);
    peakKiB = rows.reduce((most, row) => Math.max(most, row.highWaterKiB ?? 0), Math.max(peakKiB ?? 0, rssKiB));
    cpuSeconds = cpuSecondsOf(group) ?? cpuSeconds;
    outOfMemory ||= killsOf(group) > 0;
  };
  look();
  const timer = setInterval(look, SAMPLE_MS);
  timer.unref();
  let ended: ContainerUsage | null = null;
  return {
    isOutOfMemory: () => outOfMemory,
    end: () => {
      if (ended !== null) return ended;
      look();
      clearInterval(timer);
      const seconds = Math.max((performance.now() - startedMs) / 1000, SAMPLE_MS / 1000);
      ended = {
        peakRssMiB: peakKiB === null ? null : peakKiB / 1024,
        cpuSeconds,
        sampleHz: samples === 0 ? null : samples / seconds,
      };
      return ended;
    },
  };
}

interface Group {
  readonly version: 1 | 2;
  /** By controller for version 1, all the same for version 2. */
  readonly folderOf: (controller: 'memory' | 'cpuacct') => string;
}

/** Null where the kernel does not tell (proc(5), `/proc/<pid>/cgroup`). */
function groupOf(pid: number): Group | null {
  const lines = read(`/proc/${pid}/cgroup`)?.split('\n') ?? [];
  const fields = lines.map((line) => line.split(':'));
  const unified = fields.find(([id, controllers]) => id === '0' && controllers === '')?.[2];
  const v1 = (controller: string) => fields.find(([, controllers]) => controllers?.split(',').includes(controller));
  const memory = v1('memory');
  const cpu = v1('cpuacct');
  if (memory !== undefined && cpu !== undefined) {
    return {
      version: 1,
      folderOf: (name) => `${ROOT}/${name === 'memory' ? 'memory' : 'cpuacct'}${(name === 'memory' ? memory : cpu)[2]}`,
    };
  }
  return unified === undefined ? null : { version: 2, folderOf: () => `${ROOT}${unified}` };
}

function pidsOf(group: Group): number[] {
  const text = read(`${group.folderOf('memory')}/cgroup.procs`) ?? '';
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map(Number);
}

/** Version 1 counts nanoseconds, version 2 microseconds. */
function cpuSecondsOf(group: Group): number | null {
  if (group.version === 1) {
    const text = read(`${group.folderOf('cpuacct')}/cpuacct.usage`);
    return text === null ? null : Number(text) / 1e9;
  }
  const usec = /^usage_usec (\d+)/m.exec(read(`${group.folderOf('cpuacct')}/cpu.stat`) ?? '')?.[1];
  return usec === undefined ? null : Number(usec) / 1e6;
}

function killsOf(group: Group): number {
  const file = group.version === 1 ? 'memory.oom_control' : 'memory.events';
  return Number(/^oom_kill (\d+)/m.exec(read(`${group.folderOf('memory')}/${file}`) ?? '')?.[1] ?? 0);
}

function read(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
}
