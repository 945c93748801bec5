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

function describe(device: Readonly<Record<string, unknown>>): string {
  return Object.entries(device)
    .filter(([, value]) => value !== null && value !== undefined)
    .map(([name, value]) => `${name} ${typeof value === 'object' ? JSON.stringify(value) : String(value)}`)
    .join(', ')
    .slice(0, 2000);
}
