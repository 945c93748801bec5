/**
 * Every problem that the API answers, by its stable code, and how an error becomes one. Routes throw BakeoffErrors; create-api.ts turns
 * them into answers here. Codes that are not listed are faults of ours: 500.
 */
import { BakeoffError } from '../core/errors.ts';
import type { SpecProblem } from '../core/spec-problem.ts';
import type { Problem } from './schemas/problem.ts';

interface ProblemRule {
  readonly status: number;
  readonly title: string;
  /** In place of the error's, which was written for other callers. */
  readonly remedy?: string;
}

export const API_PROBLEMS = {
  'bad-parameter': { status: 400, title: 'A parameter has a value that is not allowed' },
  'unknown-parameter': { status: 400, title: 'A parameter is not known' },
  'bad-cursor': { status: 400, title: 'The cursor is not one of ours' },
  'bad-body': { status: 400, title: 'The body cannot be read' },
  'bad-idempotency-key': { status: 400, title: 'The idempotency key is not allowed' },
  'host-not-allowed': { status: 403, title: 'The request names another host' },
  'origin-not-allowed': { status: 403, title: 'The request comes from another site' },
  'registry-not-allowed': { status: 403, title: 'The registry is not on the allow list' },
  'route-missing': { status: 404, title: 'There is no such route' },
  'run-missing': { status: 404, title: 'There is no such run' },
  'job-missing': { status: 404, title: 'There is no such job' },
  'model-missing': { status: 404, title: 'There is no such model' },
  'file-missing': { status: 404, title: 'There is no such file' },
  'report-missing': { status: 404, title: 'There is no report yet' },
  'unknown-suite': { status: 404, title: 'There is no such suite' },
  'unknown-metric': { status: 404, title: 'There is no such metric' },
  'method-not-allowed': { status: 405, title: 'The route has no such method' },
  'not-acceptable': { status: 406, title: 'The answer is JSON' },
  'idempotency-key-reused': { status: 409, title: 'The idempotency key stands for another body' },
  'run-live': { status: 409, title: 'The run goes on' },
  'run-settled': { status: 409, title: 'The run is at its end' },
  'run-rejected': { status: 409, title: 'The run was rejected' },
  'run-succeeded': { status: 409, title: 'The run has succeeded' },
  'run-not-planned': { status: 409, title: 'The run is not planned yet' },
  'run-unfinished': { status: 409, title: 'The run has not come to its end' },
  'already-scored': { status: 409, title: 'The run is scored by that already' },
  'model-exists': { status: 409, title: 'The model is registered with another image' },
  'record-contended': { status: 409, title: 'Others changed the record at the same moment' },
  'body-too-large': { status: 413, title: 'The body is too large' },
  'media-type-unsupported': { status: 415, title: 'The body has a media type that is not known here' },
  'spec-invalid': { status: 422, title: 'The spec is not valid' },
  'evaluation-invalid': { status: 422, title: 'The run cannot be evaluated so' },
  'gates-invalid': { status: 422, title: 'The gates are not valid' },
  'manifest-invalid': { status: 422, title: 'The registration is not valid' },
  'bad-image': { status: 422, title: 'The image cannot be registered' },
  'image-missing': { status: 422, title: 'The image is not in its registry' },
  'no-class-fits': { status: 422, title: 'No class of the fleet fits' },
  'answer-too-large': { status: 422, title: 'The answer would be too large' },
  'metric-without-direction': { status: 422, title: 'The metric is a diagnostic without direction' },
  'comparison-too-large': { status: 422, title: 'There is too much to compare in one answer' },
  unexpected: { status: 500, title: 'Something went wrong on our side' },
  'store-busy': { status: 503, title: 'The stores are busy', remedy: 'Try again in some seconds.' },
  'not-on-one-machine': { status: 501, title: 'Only a deployment can do this' },
} as const satisfies Record<string, ProblemRule>;

export type ApiProblemCode = keyof typeof API_PROBLEMS;

/** Problems that any route can answer. */
export const COMMON_PROBLEMS = [
  'bad-parameter',
  'unknown-parameter',
  'unexpected',
  'store-busy',
  'answer-too-large',
] as const satisfies readonly ApiProblemCode[];

const RULES: ReadonlyMap<string, ProblemRule> = new Map(Object.entries(API_PROBLEMS));

/** An error that becomes the answer with this code. */
export function problemOf(code: ApiProblemCode, message: string, remedy: string): BakeoffError {
  return new BakeoffError({ code, message, remedy });
}

/** The answer to any thrown value. Nothing of an unknown error is told: it is in the logs, under the instance. */
export function problemBody(thrown: unknown, requestId: string, problems?: readonly SpecProblem[]): Problem {
  const known = thrown instanceof BakeoffError ? RULES.get(thrown.code) : undefined;
  const instance = `urn:bakeoff:request:${requestId}`;
  if (!(thrown instanceof BakeoffError) || known === undefined) {
    const code = thrown instanceof BakeoffError ? thrown.code : 'unexpected';
    return {
      type: `urn:bakeoff:problem:${code}`,
      ...API_PROBLEMS.unexpected,
      detail: 'the request could not be answered; the cause is in the logs under the id of this request',
      code,
      remedy: 'Try again; if it stays so, look for the instance in the logs (docs/runbook.md).',
      instance,
    };
  }
  return {
    type: `urn:bakeoff:problem:${thrown.code}`,
    title: known.title,
    status: known.status,
    detail: thrown.message.slice(0, 2000),
    code: thrown.code,
    remedy: known.remedy ?? thrown.remedy,
    instance,
    ...(problems === undefined ? {} : { problems: [...problems] }),
  };
}
