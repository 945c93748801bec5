/** The packages that the jobs of a run need, each once. Who installs them before a run asks. */
import type { Job, PackageRef } from './job.ts';

/** Models and evaluators, in the order in which jobs first name them. */
export function packagesOfJobs(jobs: readonly Job[]): PackageRef[] {
  const refs = jobs.flatMap((job) => [job.model, ...job.evaluators.map((evaluator) => evaluator.package)]);
  return [...new Map(refs.map((ref) => [`${ref.id} ${ref.digest}`, ref])).values()];
}
