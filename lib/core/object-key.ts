/**
 * Object keys: the storage layout of a run, and the grammar that keeps every key inside its store. Every adapter checks with
 * `assertKey`; nobody builds keys by hand.
 */
import { BakeoffError } from './errors.ts';

const SEGMENT = /^[A-Za-z0-9][A-Za-z0-9._:=-]{0,199}$/;

/** Whether `assertKey` lets it pass: a bucket may also hold what others put there. */
export function isKey(key: string): boolean {
  return key.length <= 1024 && key.split('/').every((segment) => SEGMENT.test(segment));
}

/** Throws `bad-key` unless each segment is plain: no `..`, no empty one, no leading dot, at most 1,024 characters in all. */
export function assertKey(key: string): void {
  if (isKey(key)) return;
  throw new BakeoffError({
    code: 'bad-key',
    message: `the object key ${JSON.stringify(key.slice(0, 200))} is not made of plain segments`,
    remedy: 'Use ids of letters, digits, dots, hyphens and underscores.',
    kind: 'internal',
  });
}

export const keys = {
  spec: (runId: string) => `runs/${runId}/spec.json`,
  /** What the API was asked to run: the digest of the body, for a key that comes again with another one. */
  request: (runId: string) => `runs/${runId}/request.json`,
  /** The machine that ran the jobs. */
  host: (runId: string) => `runs/${runId}/host.json`,
  /** Runs of other processes that went on beside this one; absent where there were none. */
  contention: (runId: string) => `runs/${runId}/contention.json`,
  /** Where each package runs; on AWS only. */
  placements: (runId: string) => `runs/${runId}/placements.json`,
  /** All problems of a spec that was rejected. */
  problems: (runId: string) => `runs/${runId}/problems.json`,
  /** What the driver of one attempt knows of its task: phases and resources; on AWS only. */
  task: (runId: string, jobId: string, stage: string, attempt: number) => `runs/${runId}/jobs/${jobId}/tasks/${stage}-${attempt}.json`,
  /** What the cluster told of that task at its end, whole: times and reasons that ECS itself forgets within the hour; on AWS only. */
  taskEnd: (runId: string, jobId: string, stage: string, attempt: number) =>
    `runs/${runId}/jobs/${jobId}/tasks/${stage}-${attempt}.end.json`,
  plan: (runId: string) => `runs/${runId}/plan.json`,
  /** Job ids by ordinal, in lines of one width: one of ten thousand is found without reading the plan. */
  ordinals: (runId: string) => `runs/${runId}/ordinals.txt`,
  /** How the run is scored: what the score step needs beside its own job. */
  scoring: (runId: string) => `runs/${runId}/scoring.json`,
  /** Scorers that were added after the run was planned: one object for each later pass over its outputs. */
  evaluations: (runId: string) => `runs/${runId}/evaluations/`,
  evaluation: (runId: string, n: number) => `runs/${runId}/evaluations/${n}.json`,
  items: (runId: string) => `runs/${runId}/items.jsonl`,
  references: (runId: string) => `runs/${runId}/references.jsonl`,
  warmups: (runId: string) => `runs/${runId}/warmups.jsonl`,
  /** Times of a load that follows a trace, shared by the run's jobs; absent for every other load. */
  trace: (runId: string) => `runs/${runId}/trace.json`,
  job: (runId: string, jobId: string) => `runs/${runId}/jobs/${jobId}/job.json`,
  /** What the model server said of its device; one line per attempt. */
  device: (runId: string, jobId: string) => `runs/${runId}/jobs/${jobId}/device.jsonl`,
  sampleParts: (runId: string, jobId: string) => `runs/${runId}/jobs/${jobId}/samples/`,
  samplePart: (runId: string, jobId: string, attempt: number, n: number) => `runs/${runId}/jobs/${jobId}/samples/${attempt}-${n}.jsonl`,
  output: (runId: string, jobId: string, attempt: number, name: string) => `runs/${runId}/jobs/${jobId}/outputs/${attempt}/${name}`,
  scoreParts: (runId: string, jobId: string) => `runs/${runId}/jobs/${jobId}/scores/`,
  scorePart: (runId: string, jobId: string, evaluator: string, attempt: number, n: number) =>
    `runs/${runId}/jobs/${jobId}/scores/${evaluator}-${attempt}-${n}.jsonl`,
  jobScores: (runId: string, jobId: string) => `runs/${runId}/jobs/${jobId}/scores.json`,
  /** The report with links that are signed for a while: made when somebody asks for it, on AWS only. */
  signedReport: (runId: string) => `runs/${runId}/report/signed.html`,
  report: (runId: string, name: string) => `runs/${runId}/report/${name}`,
  cached: (sha256: string) => `cache/sha256/${sha256}`,
};
