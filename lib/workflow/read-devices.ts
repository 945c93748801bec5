/** What each job's model server said it ran on: written by the driver to `device.jsonl`, the last line counts. */
import { z } from 'zod';
import type { Job } from '../core/job.ts';
import { keys } from '../core/object-key.ts';
import type { ObjectStore } from '../core/ports.ts';
import { forEachLine, parseLine } from './read-lines.ts';

const deviceLineSchema = z.looseObject({ attempt: z.int(), device: z.record(z.string(), z.unknown()) });

/** By job id; a job whose server never told is absent. */
export async function readDevices(objects: ObjectStore, jobs: readonly Job[]): Promise<Map<string, string>> {
  const devices = new Map<string, string>();
  for (const job of jobs) {
    const key = keys.device(job.runId, job.jobId);
    if ((await objects.get(key)) === null) continue;
    await forEachLine(objects, key, (line) => {
      devices.set(job.jobId, describe(parseLine(line, deviceLineSchema).device));
    });
  }
  return devices;
}

/** `AMD EPYC (cpu, cpus 2); numpy 2.4.6, av 18.1.0`. */
function describe(device: Readonly<Record<string, unknown>>): string {
  const { name, libraries, ...rest } = device;
  const plain = Object.entries(rest).filter(([, value]) => typeof value === 'string' || typeof value === 'number');
  const facts = plain.map(([key, value]) => (key === 'kind' ? String(value) : `${key} ${value}`)).join(', ');
  const versions = typeof libraries === 'object' && libraries !== null ? Object.entries(libraries).map((entry) => entry.join(' ')) : [];
  const head = typeof name === 'string' ? `${name} (${facts})` : facts;
  return `${head}${versions.length === 0 ? '' : `; ${versions.join(', ')}`}`.slice(0, 2000);
}
