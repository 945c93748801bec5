/**
 * The Plan step: freezes what a run will do. Idempotent: the plan object is written last and once, so a second call (a resume, a
 * repeated event) finds it and only adds records that are missing.
 */
import { newJobRecord } from '../../core/advance.ts';
import { BakeoffError } from '../../core/errors.ts';
import { type Plan, planSchema } from '../../core/job.ts';
import { keys } from '../../core/object-key.ts';
import { planRun } from '../../core/plan.ts';
import type { SuiteFile } from '../../core/plan-items.ts';
import type { ObjectStore, RunStore } from '../../core/ports.ts';
import type { Registry } from '../../core/registry.ts';
import { specSchema } from '../../core/spec.ts';
import { readJsonObject } from '../read-json-object.ts';
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
  /** What is registered now. Read only when the run has no plan yet. */
  readonly readRegistry: () => Promise<Registry>;
  /** Brings one file of a suite into `cache/sha256/<digest>`, verified. */
  readonly storeSuiteFile: (folder: string, file: SuiteFile) => Promise<void>;
  readonly softwareVersion: string;
}

/** Throws when the spec cannot be planned any more, or a file of the suite is not what it was. */
export async function planStep(input: RunInput, ports: PlanPorts): Promise<PlanAnswer> {
  const { objects, runs } = ports;
  const plan = (await storedPlan(objects, input.run)) ?? (await freeze(input.run, ports));
  for (const [ordinal, job] of plan.jobs.entries()) {
    await runs.createJob(newJobRecord(input.run, job.jobId, ordinal, job.stages, input.start));
  }
  const { compute } = await readJsonObject(objects, keys.spec(input.run), specSchema);
  return { run: input.run, start: input.start, maxConcurrency: compute.maxParallelJobs, ordinals: plan.jobs.map((_, ordinal) => ordinal) };
}

async function storedPlan(objects: ObjectStore, runId: string): Promise<Plan | null> {
  return (await objects.get(keys.plan(runId))) === null ? null : readJsonObject(objects, keys.plan(runId), planSchema);
}

async function freeze(runId: string, ports: PlanPorts): Promise<Plan> {
  const { objects } = ports;
  const spec = await readJsonObject(objects, keys.spec(runId), specSchema);
  const planned = planRun({ spec, registry: await ports.readRegistry(), runId, softwareVersion: ports.softwareVersion });
  for (const file of planned.files) {
    if (planned.suiteFolder === null) throw strayFile(file);
    await ports.storeSuiteFile(planned.suiteFolder, file);
  }
  await objects.put(keys.spec(runId), `${JSON.stringify(planned.spec, null, 2)}\n`);
  await objects.put(keys.items(runId), jsonLines(planned.items));
  await objects.put(keys.references(runId), jsonLines(planned.references));
  await objects.put(keys.warmups(runId), jsonLines(planned.warmups));
  for (const job of planned.jobs) await objects.put(keys.job(runId, job.jobId), `${JSON.stringify(job, null, 2)}\n`);
  await objects.put(keys.plan(runId), `${JSON.stringify(planned.plan, null, 2)}\n`, { ifAbsent: true });
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
