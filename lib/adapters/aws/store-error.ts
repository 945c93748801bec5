/**
 * What the stores on AWS do with an SDK's errors: what is known becomes one of ours with a remedy, and no cause carries what the SDK
 * attaches to its errors (a refused signature comes with the string that was signed).
 */
import { BakeoffError } from '../../core/errors.ts';
import { explainAwsError, nameOf } from './explain-aws-error.ts';

/** Codes that say what a run can do about it; FINAL_CODES of lib/core/advance.ts knows `store-unwritable`. */
const STORE_ERRORS: readonly { readonly names: readonly string[]; readonly code: string; readonly remedy: string }[] = [
  {
    names: ['AccessDenied', 'AccessDeniedException', 'AllAccessDisabled', 'KMS.DisabledException'],
    code: 'store-unwritable',
    remedy: 'Give the role the rights that the service stack gives it (deploy the stack again), then resume the run.',
  },
  {
    names: ['NoSuchBucket', 'ResourceNotFoundException'],
    code: 'store-missing',
    remedy: 'Deploy the data stack, or correct the name of the bucket or table in the settings.',
  },
  {
    names: ['SlowDown', 'ServiceUnavailable', 'InternalError', 'InternalServerError', 'RequestTimeout', 'OperationAborted'],
    code: 'store-busy',
    remedy: 'Resume the run in some minutes; lower compute.maxParallelJobs if it comes again.',
  },
  {
    names: [
      ...['ProvisionedThroughputExceededException', 'RequestLimitExceeded', 'ThrottlingException', 'TransactionConflictException'],
      ...['TransactionCanceledException', 'TransactionInProgressException', 'ConditionalRequestConflict', 'LimitExceededException'],
    ],
    code: 'store-busy',
    remedy: 'Resume the run in some minutes; lower compute.maxParallelJobs if it comes again.',
  },
];

/** `action` completes "could not …" and names the key. An error of ours is returned as it is. */
export function storeError(thrown: unknown, action: string): BakeoffError {
  if (thrown instanceof BakeoffError) return thrown;
  const name = nameOf(thrown);
  const known = STORE_ERRORS.find(({ names }) => names.includes(name));
  const cause = bareCause(thrown);
  if (known === undefined) {
    const { code, message, remedy, kind } = explainAwsError(thrown, action);
    return new BakeoffError({ code, message, remedy, kind, cause });
  }
  const text = name.includes('Denied') && thrown instanceof Error ? `: ${thrown.message.slice(0, 500)}` : '';
  return new BakeoffError({
    code: known.code,
    message: `could not ${action}: AWS answered ${name}${text}`,
    remedy: known.remedy,
    kind: 'environment',
    cause,
  });
}

/** HTTP status and number of tries of an answer that was an error; nulls for anything else. */
export function answerOf(thrown: unknown): { readonly status: number | null; readonly attempts: number | null } {
  const metadata = thrown instanceof Error && '$metadata' in thrown ? thrown.$metadata : null;
  const numberAt = (name: string): number | null => {
    if (typeof metadata !== 'object' || metadata === null || !(name in metadata)) return null;
    const value: unknown = Object.entries(metadata).find(([key]) => key === name)?.[1];
    return typeof value === 'number' ? value : null;
  };
  return { status: numberAt('httpStatusCode'), attempts: numberAt('attempts') };
}

function bareCause(thrown: unknown): Error {
  const { status } = answerOf(thrown);
  return new Error(`${nameOf(thrown)}${status === null ? '' : ` (HTTP ${status})`}`);
}
