/**
 * Why a task could not run, as a failure of the infrastructure, and which package a stage runs. Called by run-task.ts.
 */
import { BakeoffError, messageOf } from '../../../core/errors.ts';
import { stageOfEvaluator } from '../../../core/evaluation-pass.ts';
import type { Failure } from '../../../core/failure.ts';
import type { Job, PackageRef } from '../../../core/job.ts';
import type { ServerExit } from './supervisor-messages.ts';

/** Stage `infer` runs the model, `evaluate:<id>` that evaluator, in the pass that the stage names. */
export function packageOf(job: Job, stage: string): PackageRef {
  if (stage === 'infer') return job.model;
  const found = job.evaluators.find((each) => stageOfEvaluator(each) === stage);
  if (found !== undefined) return found.package;
  throw new BakeoffError({
    code: 'stage-unknown',
    message: `stage ${stage} of job ${job.jobId} names no package; expected one of ${['infer', ...job.evaluators.map(stageOfEvaluator)].join(', ')}`,
    remedy: 'Report this: the plan and the job do not agree.',
    kind: 'internal',
  });
}

/** Of what was thrown before or beside the driver. */
export function failureOf(cause: unknown): Failure {
  const code = cause instanceof BakeoffError ? cause.code : 'task-failed';
  const message = cause instanceof BakeoffError ? `${cause.message} ${cause.remedy}` : messageOf(cause);
  return { class: 'infra', code, message: message.slice(0, 4000) };
}

/** A server that never got to serve is no fault of the model. */
export function failureOfServer(server: ServerExit, url: string): Failure | null {
  if (server.reason === 'PortTaken') {
    return {
      class: 'infra',
      code: 'port-taken',
      message: `the server could not listen on ${url}: another process took the port. Run again; another port is drawn.`,
    };
  }
  if (server.reason?.startsWith('spawn-failed') === true) {
    return { class: 'infra', code: 'server-not-started', message: `the server's command could not be started: ${server.reason}` };
  }
  return null;
}
