/**
 * Brings a suite of this machine into a deployment's bucket, below `suites/<id>/`. Called by `bakeoff submit` for a spec that names a
 * folder. What is there already with the same digest is not sent again; `suite.yaml` goes last, so that nobody reads half a suite.
 */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { HeadObjectCommand, PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { z } from 'zod';
import { BakeoffError } from '../../core/errors.ts';
import { assertKey } from '../../core/object-key.ts';
import type { RegisteredSuite } from '../../core/registry.ts';
import { explainAwsError, nameOf } from './explain-aws-error.ts';

export interface SuiteUpload {
  readonly client: S3Client;
  readonly bucket: string;
  readonly suite: RegisteredSuite;
}

export interface Uploaded {
  readonly sent: number;
  readonly kept: number;
  readonly sentBytes: number;
}

/** At once: enough to hide the way to S3, few enough for a home's line. */
const AT_ONCE = 8;

/** Throws `suite-corrupt` for a file that is not what the suite says, and what S3 refuses. */
export async function uploadSuite({ client, bucket, suite }: SuiteUpload): Promise<Uploaded> {
  const { manifest, folder, items } = suite;
  const files = new Map(items.flatMap((item) => (item.input.files ?? []).map(({ path, sha256 }) => [path, sha256] as const)));
  const total = { sent: 0, kept: 0, sentBytes: 0 };
  const bring = async (path: string, expected: string | null): Promise<void> => {
    const key = `suites/${manifest.id}/${path}`;
    assertKey(key);
    if (expected !== null && (await storedDigest(client, bucket, key)) === expected) {
      total.kept += 1;
      return;
    }
    const body = await readFile(join(folder, path));
    const sha256 = createHash('sha256').update(body).digest('hex');
    if (expected !== null && sha256 !== expected) throw corrupt(join(folder, path), sha256, expected);
    if (expected === null && (await storedDigest(client, bucket, key)) === sha256) {
      total.kept += 1;
      return;
    }
    await put(client, bucket, key, body, sha256);
    total.sent += 1;
    total.sentBytes += body.byteLength;
  };
  const waiting = [...files];
  const worker = async (): Promise<void> => {
    for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) await bring(...next);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  await bring(manifest.items, null);
  await bring('suite.yaml', null);
  return total;
}

const headSchema = z.object({ Metadata: z.object({ sha256: z.string().optional() }).optional() });

/** The digest under which we stored it; null when it is not there, or somebody else put it. */
async function storedDigest(client: S3Client, bucket: string, key: string): Promise<string | null> {
  try {
    const head = headSchema.parse(await client.send(new HeadObjectCommand({ Bucket: bucket, Key: key })));
    return head.Metadata?.sha256 ?? null;
  } catch (thrown) {
    if (nameOf(thrown) === 'NotFound' || nameOf(thrown) === 'NoSuchKey') return null;
    throw explainAwsError(thrown, `look for s3://${bucket}/${key}`);
  }
}

/** S3 compares the checksum with what arrived. */
async function put(client: S3Client, bucket: string, key: string, body: Buffer, sha256: string): Promise<void> {
  const ChecksumSHA256 = Buffer.from(sha256, 'hex').toString('base64');
  try {
    await client.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: body, ChecksumSHA256, Metadata: { sha256 } }));
  } catch (thrown) {
    throw explainAwsError(thrown, `upload s3://${bucket}/${key}`);
  }
}

function corrupt(path: string, seen: string, expected: string): BakeoffError {
  return new BakeoffError({
    code: 'suite-corrupt',
    message: `${path}: seen SHA-256 ${seen}; expected ${expected}`,
    remedy: 'Restore the file (for example with git checkout), or make the suite again with its script.',
    kind: 'environment',
  });
}
