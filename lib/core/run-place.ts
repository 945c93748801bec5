/** Where the stages of a job run on one machine. Asked by the computes, by plans and by reports, so that they cannot disagree. */
import type { Job } from './job.ts';

/** A container for images, and for packages where the run was started so. */
export function placeOfStage(job: Pick<Job, 'environment' | 'model'>, stage: string): 'docker' | 'process' {
  if (job.environment === 'docker') return 'docker';
  return stage === 'infer' && job.model.image !== undefined ? 'docker' : 'process';
}
