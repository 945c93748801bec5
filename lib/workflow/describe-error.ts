/**
 * What ended a workflow, as a failure of ours: from what a state caught (`{Error, Cause}`), or from the end of an execution. A function's
 * `Cause` is JSON with the message that it threw; its `Error` is our code where the error was ours. Called by the Settle step.
 */
import { z } from 'zod';
import type { Failure } from '../core/failure.ts';
import { jsonOrNull } from '../core/json-or-null.ts';

const caughtSchema = z.object({ Error: z.string().optional(), Cause: z.string().nullish() });
const thrownSchema = z.object({ errorMessage: z.string() });
const OUR_CODE = /^[a-z][a-z0-9]*(-[a-z0-9]+)+$/;
const MAX_MESSAGE = 2000;

/** Total: whatever was caught has words. */
export function describeError(error: unknown): Failure {
  const caught = caughtSchema.safeParse(error);
  if (!caught.success) return { class: 'infra', code: 'workflow-failed', message: String(error).slice(0, MAX_MESSAGE) };
  const name = caught.data.Error ?? 'an error';
  const cause = thrownMessage(caught.data.Cause ?? '');
  if (OUR_CODE.test(name))
    return { class: 'infra', code: name.slice(0, 200), message: (cause === '' ? name : cause).slice(0, MAX_MESSAGE) };
  return { class: 'infra', code: 'workflow-failed', message: `${name}${cause === '' ? '' : `: ${cause}`}`.slice(0, MAX_MESSAGE) };
}

function thrownMessage(cause: string): string {
  const thrown = thrownSchema.safeParse(jsonOrNull(cause));
  return thrown.success ? thrown.data.errorMessage : cause;
}
