/**
 * Reads an object of S3 in pieces, and goes on behind the last byte when the connection breaks: a body is beyond the SDK's retries.
 * Called by s3-object-store.ts.
 */
import { GetObjectCommand, NoSuchKey, type S3Client } from '@aws-sdk/client-s3';
import { BakeoffError } from '../../core/errors.ts';
import { assertKey } from '../../core/object-key.ts';
import { backoff } from './backoff.ts';
import { answerOf, storeError } from './store-error.ts';

export interface ByteRange {
  readonly startByte: number;
  /** Exclusive. */
  readonly endByte: number;
}

interface ReadOptions {
  readonly client: S3Client;
  readonly bucket: string;
  readonly key: string;
  readonly range: ByteRange | undefined;
  /** By listing: without the right to list the whole bucket S3 answers 403 for what is not there. */
  readonly isThere: (key: string) => Promise<boolean>;
}

/** Breaks of one read without a byte between them. */
const MAX_BREAKS = 4;

/** Throws `object-missing`; the object replaced while it was read is `store-changed`. A range past the end is empty. */
export async function* readObject({ client, bucket, key, range, isThere }: ReadOptions): AsyncIterable<Uint8Array> {
  assertKey(key);
  const endByte = range?.endByte ?? Number.POSITIVE_INFINITY;
  let at = range?.startByte ?? 0;
  let etag: string | undefined;
  for (let breaks = 0; at < endByte; ) {
    const isWhole = at === 0 && endByte === Number.POSITIVE_INFINITY;
    const Range = `bytes=${at}-${endByte === Number.POSITIVE_INFINITY ? '' : endByte - 1}`;
    const input = { Bucket: bucket, Key: key, ...(isWhole ? {} : { Range }), ...(etag === undefined ? {} : { IfMatch: etag }) };
    const answer = await client.send(new GetObjectCommand(input)).catch((error: unknown) => refused(error, key, isThere));
    if (answer === 'past-end') return;
    etag = answer.ETag;
    try {
      for await (const chunk of chunksOf(answer.Body)) {
        at += chunk.byteLength;
        breaks = 0;
        yield chunk;
      }
      return;
    } catch (error) {
      if (++breaks > MAX_BREAKS) throw storeError(error, `read ${key}`);
      await backoff(breaks);
    }
  }
}

async function refused(error: unknown, key: string, isThere: (key: string) => Promise<boolean>): Promise<'past-end'> {
  const { status } = answerOf(error);
  if (status === 416) return 'past-end';
  const isMissing = error instanceof NoSuchKey || (status === 403 && !(await isThere(key).catch(() => true)));
  if (isMissing) throw objectMissing(key);
  if (status !== 412) throw storeError(error, `read ${key}`);
  throw new BakeoffError({
    code: 'store-changed',
    message: `the object ${key} was replaced while it was read`,
    remedy: 'Resume the run; see that nothing else writes below runs/.',
    kind: 'environment',
  });
}

/** There is no object of this key in the bucket. */
function objectMissing(key: string): BakeoffError {
  return new BakeoffError({
    code: 'object-missing',
    message: `there is no object ${key}`,
    remedy: 'Check that the bucket holds the whole run; start the run anew if objects were deleted from it.',
    kind: 'environment',
  });
}

async function* chunksOf(body: unknown): AsyncIterable<Uint8Array> {
  if (!isAsyncIterable(body)) return;
  for await (const chunk of body) if (chunk instanceof Uint8Array) yield chunk;
}

function isAsyncIterable(value: unknown): value is AsyncIterable<unknown> {
  return typeof value === 'object' && value !== null && Symbol.asyncIterator in value;
}
