/**
 * Objects in a bucket: the `ObjectStore` port on S3. An object appears whole by S3's own promise; "if absent" is a conditional put. The
 * client and its retries come from lib/compose; copies for `localPath` lie below a folder that is the caller's.
 */
import { randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import {
  DeleteObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  paginateListObjectsV2,
  PutObjectCommand,
  type PutObjectCommandInput,
  type S3Client,
} from '@aws-sdk/client-s3';
import { Upload } from '@aws-sdk/lib-storage';
import { BakeoffError } from '../../core/errors.ts';
import { assertKey, isKey } from '../../core/object-key.ts';
import type { ObjectStore } from '../../core/ports.ts';
import { backoff } from './backoff.ts';
import { localCopies } from './local-copies.ts';
import { type ByteRange, readObject } from './read-object.ts';
import { answerOf, storeError } from './store-error.ts';

export interface S3ObjectStoreOptions {
  readonly client: S3Client;
  readonly bucket: string;
  /** Takes what `localPath` downloads, by key; made when first needed. Its copies may be removed at any time that nobody reads them. */
  readonly folder: string;
}

/** One part in memory at a time, and one on its way: a smaller file is a single request. S3's 10,000 parts then reach 160 GB. */
const PART_BYTES = 16 << 20;
const CONFLICT_TRIES = 8;
/** Metadata of our own: tells an object that an unanswered try of ours has made from another writer's. */
const WRITER = 'writer';

/** Errors: `store-unwritable` (a right is missing), `store-missing`, `store-busy`, `aws-…`; `bad-key` before anything is sent. */
export function s3ObjectStore({ client, bucket, folder }: S3ObjectStoreOptions): ObjectStore {
  const isThere = async (key: string): Promise<boolean> => {
    const found = await client.send(new ListObjectsV2Command({ Bucket: bucket, Prefix: key, MaxKeys: 1 }));
    return found.Contents?.[0]?.Key === key;
  };
  const read = (key: string, range?: ByteRange) => readObject({ client, bucket, key, range, isThere });
  const pathOf = localCopies({ folder, read });

  /** Sends a conditional put until S3 has decided; `send` must be able to send the same again. */
  const decide = async (key: string, writer: string, send: () => Promise<unknown>): Promise<boolean> => {
    for (let tries = 1; ; tries++) {
      try {
        await send();
        return true;
      } catch (error) {
        const { status, attempts } = answerOf(error);
        if (status === 412) return attempts !== 1 && (await isOurs(key, writer));
        // 409: another conditional write of this key is on its way, and may yet fail.
        if (status !== 409 || tries >= CONFLICT_TRIES) throw error;
        await backoff(tries);
      }
    }
  };
  const isOurs = async (key: string, writer: string): Promise<boolean> =>
    (await client.send(new HeadObjectCommand({ Bucket: bucket, Key: key }))).Metadata?.[WRITER] === writer;

  const inputOf = (key: string, ifAbsent: boolean | undefined): PutObjectCommandInput & { Metadata: Record<string, string> } => {
    assertKey(key);
    return { Bucket: bucket, Key: key, Metadata: { [WRITER]: randomUUID() }, ...(ifAbsent ? { IfNoneMatch: '*' } : {}) };
  };

  return {
    put: (key, body, options) =>
      explained(`write ${key}`, async () => {
        const input = inputOf(key, options?.ifAbsent);
        return decide(key, input.Metadata[WRITER] ?? '', () =>
          client.send(new PutObjectCommand({ ...input, Body: typeof body === 'string' ? Buffer.from(body) : body })),
        );
      }),
    putFile: (key, path, options) =>
      explained(`write ${key}`, async () => {
        const params = inputOf(key, options?.ifAbsent);
        const made = await decide(key, params.Metadata[WRITER] ?? '', () =>
          new Upload({ client, params: { ...params, Body: createReadStream(path) }, partSize: PART_BYTES, queueSize: 1 }).done(),
        );
        await rm(path, { force: true });
        return made;
      }),
    get: (key) =>
      explained(`read ${key}`, async () => {
        const chunks: Uint8Array[] = [];
        try {
          for await (const chunk of read(key)) chunks.push(chunk);
        } catch (error) {
          if (error instanceof BakeoffError && error.code === 'object-missing') return null;
          throw error;
        }
        return Buffer.concat(chunks);
      }),
    read,
    list: (prefix) =>
      explained(`list ${prefix}`, async () => {
        assertKey(prefix.replace(/\/$/, ''));
        const found: string[] = [];
        for await (const page of paginateListObjectsV2({ client }, { Bucket: bucket, Prefix: prefix })) {
          found.push(...(page.Contents ?? []).flatMap(({ Key }) => (Key !== undefined && isKey(Key) ? [Key] : [])));
        }
        // Keys are ASCII by their grammar: this is the order of their UTF-8 bytes.
        return found.sort((a, b) => (a < b ? -1 : 1));
      }),
    remove: (key) =>
      explained(`remove ${key}`, async () => {
        assertKey(key);
        await client.send(new DeleteObjectCommand({ Bucket: bucket, Key: key }));
      }),
    localPath: (key) => explained(`copy ${key}`, () => pathOf(key)),
  };
}

async function explained<T>(action: string, call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    // What the machine's own disk refuses is no answer of S3.
    if (error instanceof Error && 'syscall' in error && !('$metadata' in error) && 'path' in error) throw diskError(error, action);
    throw storeError(error, action);
  }
}

function diskError(error: Error, action: string): BakeoffError {
  const isFull = 'code' in error && (error.code === 'ENOSPC' || error.code === 'EDQUOT');
  return new BakeoffError({
    code: isFull ? 'disk-full' : 'local-copy-failed',
    message: isFull ? `could not ${action}: no space is left on this machine` : `could not ${action}: ${error.message}`,
    remedy: isFull ? 'Raise the disk of the class, then resume the run.' : 'See that the folder for local copies can be written to.',
    kind: 'environment',
    cause: error,
  });
}
