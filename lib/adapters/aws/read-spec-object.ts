/**
 * Reads an uploaded spec: the very version that its event names, and never more than a spec may have. Called by the launcher; keys of
 * uploads are the users', so they are not those of the object store.
 */
import { GetObjectCommand, ListObjectsV2Command, type S3Client } from '@aws-sdk/client-s3';
import { MAX_SPEC_BYTES } from '../../core/parse-spec-document.ts';
import type { SpecObjectRef } from '../../core/spec-object.ts';

/** At most one byte more than a spec may have: the parser refuses it then. Null when the object, or that version of it, is gone. */
export async function readSpecObject(
  client: Pick<S3Client, 'send'>,
  { bucket, key, versionId }: SpecObjectRef,
): Promise<Uint8Array | null> {
  try {
    const range = `bytes=0-${MAX_SPEC_BYTES}`;
    const { Body } = await client.send(
      new GetObjectCommand({ Bucket: bucket, Key: key, Range: range, ...(versionId === null ? {} : { VersionId: versionId }) }),
    );
    return (await Body?.transformToByteArray())?.subarray(0, MAX_SPEC_BYTES + 1) ?? new Uint8Array();
  } catch (error) {
    const status = statusOf(error);
    // 416: an empty object has no first byte. 404 and 405: gone, or a delete marker.
    if (status === 416) return new Uint8Array();
    if (status === 404 || status === 405) return null;
    if (status === 403 && !(await isThere(client, bucket, key))) return null;
    throw error;
  }
}

/** Without the right to list the whole bucket S3 answers 403 for what is gone: a listing tells that from a right that is missing. */
async function isThere(client: Pick<S3Client, 'send'>, bucket: string, key: string): Promise<boolean> {
  const { Contents } = await client.send(new ListObjectsV2Command({ Bucket: bucket, Prefix: key, MaxKeys: 1 }));
  return Contents?.[0]?.Key === key;
}

function statusOf(error: unknown): number | null {
  if (typeof error !== 'object' || error === null || !('$metadata' in error)) return null;
  const { $metadata: metadata } = error;
  if (typeof metadata !== 'object' || metadata === null || !('httpStatusCode' in metadata)) return null;
  return typeof metadata.httpStatusCode === 'number' ? metadata.httpStatusCode : null;
}
