/**
 * Turns what was thrown in the driver into a failure of class infra. Called where an attempt ends by a fault of ours or of the machine.
 */
import { BakeoffError, messageOf } from '../core/errors.ts';
import type { Failure } from '../core/failure.ts';

/** A fault of ours or of the machine, with the code of the error that explains it. */
export function failureOf(error: unknown): Failure {
  const code = error instanceof BakeoffError ? error.code : systemCodeOf(error);
  const remedy = error instanceof BakeoffError ? ` ${error.remedy}` : '';
  return { class: 'infra', code, message: `${messageOf(error)}.${remedy}`.slice(0, 4000) };
}

function systemCodeOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : null;
  if (code === 'ENOSPC' || code === 'EDQUOT') return 'disk-full';
  if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS') return 'store-unwritable';
  return 'driver-error';
}
