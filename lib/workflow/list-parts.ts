/** The part files of a stage in the order in which readers keep rows. Called by scoring, by the report and by Advance. */
import { ownerOfStage } from '../core/evaluation-pass.ts';
import type { JobRecord } from '../core/job.ts';
import { keys } from '../core/object-key.ts';
import { type PartName, partsIn } from '../core/part-name.ts';
import type { ObjectStore } from '../core/ports.ts';

/** `owner`: the evaluator of score parts, null for sample parts. Other files are passed over. */
export async function listParts(objects: ObjectStore, prefix: string, owner: string | null): Promise<PartName[]> {
  return partsIn(await objects.list(prefix), owner === null ? prefix : `${prefix}${owner}-`);
}

/** Whether an attempt left rows behind: its progress where its driver could not say. Not looked for where the record says more. */
export async function hasMadeRows(
  objects: ObjectStore,
  { runId, jobId, stages }: JobRecord,
  { stage, attempt }: { readonly stage: string; readonly attempt: number },
): Promise<boolean> {
  const recorded = stages.find(({ name }) => name === stage);
  if (recorded?.status !== 'running' || recorded.attempt !== attempt || recorded.attemptEnd !== null) return false;
  const owner = ownerOfStage(stage);
  const prefix = owner === null ? keys.sampleParts(runId, jobId) : keys.scoreParts(runId, jobId);
  const parts = await listParts(objects, prefix, owner);
  return parts.some((part) => part.attempt === attempt);
}
