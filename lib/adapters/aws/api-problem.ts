/**
 * Refusals of the deployed API as errors of ours: problem details with their code and remedy, and what API Gateway itself says when
 * no function was reached. Called by the API client; what it reads is bounded before it is repeated.
 */
import { z } from 'zod';
import { BakeoffError, type ErrorKind } from '../../core/errors.ts';
import { jsonOrNull } from '../../core/json-or-null.ts';
import type { ApiAnswer, ApiRequest } from './api-client.ts';

const problemSchema = z.object({
  code: z.string().regex(/^[a-z0-9][a-z0-9-]{0,63}$/),
  title: z.string().default(''),
  detail: z.string().default(''),
  remedy: z.string().default(''),
});

/** What the API Gateway answers by itself. */
const gatewaySchema = z.object({ message: z.string() });

/** The error for an answer of 400 or more. */
export function apiProblem(answer: ApiAnswer, request: ApiRequest, tries: number): BakeoffError {
  const document = jsonOrNull(answer.text);
  const problem = problemSchema.safeParse(document);
  const kind = kindOf(answer.status);
  if (problem.success) {
    const { code, title, detail, remedy } = problem.data;
    const message = (detail || title || code).slice(0, 2000);
    return new BakeoffError({ code, message, remedy: remedy.slice(0, 1000) || remedyOf(answer.status), kind });
  }
  const gateway = gatewaySchema.safeParse(document);
  const said = gateway.success ? ` (${gateway.data.message.slice(0, 300)})` : '';
  const times = tries > 1 ? `, ${tries} times` : '';
  return new BakeoffError({
    code: codeOf(answer.status),
    message: `the API answered ${answer.status}${said} to ${request.method} ${request.path}${times}`,
    remedy: remedyOf(answer.status),
    kind,
  });
}

/** Not what the user typed, but what the deployment or the credentials are not able to. */
function kindOf(status: number): ErrorKind {
  return status === 401 || status === 403 || status === 429 || status >= 500 ? 'environment' : 'usage';
}

function codeOf(status: number): string {
  if (status === 401 || status === 403) return 'api-access-denied';
  if (status === 404) return 'api-not-found';
  if (status === 429) return 'api-throttled';
  return status >= 500 ? 'api-failed' : 'api-refused';
}

function remedyOf(status: number): string {
  if (status === 401) return 'Set BAKEOFF_TOKEN to a token that the deployment accepts, or use credentials that may call the API.';
  if (status === 403) return 'Use credentials that may call the API (execute-api:Invoke), and see that the clock of this machine is right.';
  if (status === 404) return 'See that the stack is deployed in the version of this program ("bakeoff doctor --stack NAME").';
  if (status === 429) return 'Wait a minute, then try again.';
  if (status >= 500) return 'Try again; if it stays so, read the logs of the api function (docs/runbook.md).';
  return 'Correct what the API names, then try again.';
}
