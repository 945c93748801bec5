/** In which containers a job ran, and what that makes of the run. Called by build-report.ts. */
import type { JobRecord, TaskFacts } from '../core/job.ts';
import type { ReportJob } from './report-model.ts';

/** Nothing for a job without one: reports of processes stay as they were. */
export function containersOfJob(tasks: readonly TaskFacts[]): Pick<ReportJob, 'containers'> {
  const found = tasks.flatMap(({ stage, container }) =>
    container === undefined ? [] : [{ stage, image: container.image, digest: container.digest }],
  );
  const once = new Map(found.map((each) => [JSON.stringify(each), each]));
  return once.size === 0 ? {} : { containers: [...once.values()] };
}

/** Of one machine: `docker` when every task had a container. One that was a process could have seen all the others' files. */
export function environmentOfRun<Given extends string>(given: Given, records: readonly JobRecord[]): Given | 'docker' {
  const tasks = records.flatMap((record) => record.tasks);
  return given === 'process' && tasks.length > 0 && tasks.every(({ container }) => container !== undefined) ? 'docker' : given;
}
