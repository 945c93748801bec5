/**
 * The upload that starts a run, as its event describes it. Pure: the launcher hands the event in, and learns whether it is a spec and
 * which version of it to read.
 */
import { z } from 'zod';

export interface SpecObjectRef {
  readonly bucket: string;
  readonly key: string;
  /** Null where the event has none: a bucket without versions, or an emulator. */
  readonly versionId: string | null;
  /** What tells one upload from another: the version, else the ETag. */
  readonly version: string;
}

/** EventBridge's "Object Created". Its key is the key as it is, not encoded as in S3's own notifications. */
const objectCreatedSchema = z.object({
  source: z.literal('aws.s3'),
  'detail-type': z.literal('Object Created'),
  detail: z.object({
    bucket: z.object({ name: z.string().min(3).max(63) }),
    object: z.object({
      key: z.string().min(1).max(1024),
      'version-id': z.string().min(1).max(1024).optional(),
      etag: z.string().min(1).max(128).optional(),
    }),
  }),
});

const SPEC_KEY = /^specs\/.+\.(ya?ml|json)$/;

/** Null for what is no upload of a spec: the reason is said for the log. */
export function specObjectOf(event: unknown): SpecObjectRef | { readonly ignored: string } {
  const parsed = objectCreatedSchema.safeParse(event);
  if (!parsed.success) return { ignored: `not an upload: ${parsed.error.issues[0]?.path.join('.') ?? 'event'}` };
  const { bucket, object } = parsed.data.detail;
  if (!SPEC_KEY.test(object.key)) return { ignored: 'the key is not specs/*.yaml, .yml or .json' };
  // `null` is what S3 calls every version of a bucket without versions.
  const versionId = object['version-id'] === 'null' ? null : (object['version-id'] ?? null);
  const version = versionId ?? object.etag ?? null;
  if (version === null) return { ignored: 'the event names neither a version nor an ETag' };
  return { bucket: bucket.name, key: object.key, versionId, version };
}
