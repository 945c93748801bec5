/**
 * Turns what the AWS SDK throws into the one error type, with a remedy: no credentials, refused ones, no right, no region, no answer.
 * Called wherever the CLI speaks to AWS on a user's behalf. It never repeats a header, a signature or a key.
 */
import { BakeoffError, messageOf } from '../../core/errors.ts';

interface Explanation {
  readonly code: string;
  readonly message: string;
  readonly remedy: string;
}

const MISSING = new Set(['CredentialsProviderError', 'TokenProviderError']);
const REFUSED = new Set([
  'ExpiredToken',
  'ExpiredTokenException',
  'RequestExpired',
  'InvalidClientTokenId',
  'UnrecognizedClientException',
  'SignatureDoesNotMatch',
  'InvalidSignatureException',
  'AuthFailure',
  'InvalidAccessKeyId',
]);
const DENIED = new Set(['AccessDenied', 'AccessDeniedException', 'UnauthorizedOperation', 'AuthorizationError']);
const THROTTLED = new Set(['Throttling', 'ThrottlingException', 'TooManyRequestsException', 'RequestLimitExceeded']);
const UNREACHABLE = new Set(['ENOTFOUND', 'ECONNREFUSED', 'ECONNRESET', 'EAI_AGAIN', 'ETIMEDOUT', 'EHOSTUNREACH', 'ENETUNREACH']);

/** `action` completes "could not …", such as `read the stack bakeoff-service`. An error of ours is returned as it is. */
export function explainAwsError(thrown: unknown, action: string): BakeoffError {
  if (thrown instanceof BakeoffError) return thrown;
  return new BakeoffError({ ...explanationOf(thrown, action), kind: 'environment', cause: thrown });
}

function explanationOf(thrown: unknown, action: string): Explanation {
  const name = nameOf(thrown);
  const text = messageOf(thrown).split('\n')[0]?.slice(0, 500) ?? '';
  if (MISSING.has(name)) {
    const remedy = 'Set AWS_PROFILE or give --profile (after "aws sso login" or "aws configure"), or set AWS_ACCESS_KEY_ID and its secret.';
    return { code: 'aws-credentials-missing', message: `could not ${action}: no AWS credentials were found (${text})`, remedy };
  }
  if (REFUSED.has(name)) {
    const remedy = 'Log in again (for example "aws sso login"), see that the clock of this machine is right, then try again.';
    return { code: 'aws-credentials-refused', message: `could not ${action}: AWS refused the credentials (${name})`, remedy };
  }
  if (DENIED.has(name) || statusOf(thrown) === 403) {
    const remedy = 'Ask for that right, or use credentials that have it (--profile or AWS_PROFILE).';
    return { code: 'aws-access-denied', message: `could not ${action}: these credentials may not (${text || name})`, remedy };
  }
  if (text.startsWith('Region is missing')) {
    const remedy = 'Give --region, or set AWS_REGION, or a region in the profile.';
    return { code: 'aws-region-missing', message: `could not ${action}: no AWS region is set`, remedy };
  }
  if (THROTTLED.has(name)) {
    return { code: 'aws-throttled', message: `could not ${action}: AWS asks to slow down (${name})`, remedy: 'Try again in a minute.' };
  }
  if (UNREACHABLE.has(systemCodeOf(thrown)) || name === 'TimeoutError') {
    const remedy = 'See that this machine reaches AWS, and that the region is right (--region or AWS_REGION).';
    return { code: 'aws-unreachable', message: `could not ${action}: AWS did not answer (${systemCodeOf(thrown) || name})`, remedy };
  }
  return { code: 'aws-failed', message: `could not ${action}: ${name}: ${text}`, remedy: 'Correct what AWS names, then try again.' };
}

/** Name of an error of the SDK, such as `ValidationError`; `Error` where there is none. */
export function nameOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.name : 'Error';
}

function statusOf(thrown: unknown): number | null {
  if (!(thrown instanceof Error) || !('$metadata' in thrown)) return null;
  const metadata = thrown.$metadata;
  if (typeof metadata !== 'object' || metadata === null || !('httpStatusCode' in metadata)) return null;
  return typeof metadata.httpStatusCode === 'number' ? metadata.httpStatusCode : null;
}

/** The system's code, of the error itself or of one of its causes. */
function systemCodeOf(thrown: unknown): string {
  if (!(thrown instanceof Error)) return '';
  if ('code' in thrown && typeof thrown.code === 'string') return thrown.code;
  if (thrown instanceof AggregateError) return thrown.errors.map(systemCodeOf).find((code) => code !== '') ?? '';
  return systemCodeOf(thrown.cause);
}
