/**
 * Teardown with --data: the bucket with every version in it and the table. And, for a teardown without, how much they hold. They are
 * retained by their stack, so that deleting it alone would leave them behind, unnamed.
 */
import { DeleteTableCommand, DescribeTableCommand, type DynamoDBClient, UpdateTableCommand } from '@aws-sdk/client-dynamodb';
import {
  AbortMultipartUploadCommand,
  DeleteBucketCommand,
  DeleteObjectsCommand,
  ListMultipartUploadsCommand,
  ListObjectVersionsCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import { z } from 'zod';
import { BakeoffError } from '../../core/errors.ts';
import { explainAwsError, nameOf } from './explain-aws-error.ts';

const entrySchema = z.object({ Key: z.string(), VersionId: z.string().optional(), Size: z.number().optional() });
const versionsSchema = z.object({
  Versions: z.array(entrySchema).default([]),
  DeleteMarkers: z.array(entrySchema).default([]),
  IsTruncated: z.boolean().optional(),
  NextKeyMarker: z.string().optional(),
  NextVersionIdMarker: z.string().optional(),
});
const deletedSchema = z.object({ Errors: z.array(z.object({ Key: z.string().optional(), Code: z.string().optional() })).default([]) });
const uploadsSchema = z.object({ Uploads: z.array(z.object({ Key: z.string(), UploadId: z.string() })).default([]) });
const tableSchema = z.object({
  Table: z.object({ TableSizeBytes: z.number().optional(), DeletionProtectionEnabled: z.boolean().optional() }),
});

export interface BucketSize {
  readonly bytes: number;
  readonly versions: number;
  /** False when counting was given up: there is at least this much. */
  readonly isWhole: boolean;
}

/** 50 pages of 1,000: a quarter of a cent, a few seconds. */
const COUNTED_PAGES = 50;

/** Null when there is no such bucket. */
export async function bucketSize(client: S3Client, bucket: string): Promise<BucketSize | null> {
  let [bytes, versions] = [0, 0];
  let marker = {};
  try {
    for (let page = 0; page < COUNTED_PAGES; page += 1) {
      const answer = versionsSchema.parse(await client.send(new ListObjectVersionsCommand({ Bucket: bucket, ...marker })));
      for (const { Size } of answer.Versions) bytes += Size ?? 0;
      versions += answer.Versions.length;
      if (answer.IsTruncated !== true) return { bytes, versions, isWhole: true };
      marker = { KeyMarker: answer.NextKeyMarker, VersionIdMarker: answer.NextVersionIdMarker };
    }
    return { bytes, versions, isWhole: false };
  } catch (thrown) {
    if (nameOf(thrown) === 'NoSuchBucket') return null;
    throw explainAwsError(thrown, `count the objects of the bucket ${bucket}`);
  }
}

/** Bytes as DynamoDB counts them, some hours old; null when there is no such table. */
export async function tableBytes(client: DynamoDBClient, table: string): Promise<number | null> {
  try {
    return tableSchema.parse(await client.send(new DescribeTableCommand({ TableName: table }))).Table.TableSizeBytes ?? 0;
  } catch (thrown) {
    if (nameOf(thrown) === 'ResourceNotFoundException') return null;
    throw explainAwsError(thrown, `read the table ${table}`);
  }
}

/** Removes every version, every delete marker, every upload that was never completed, then the bucket. False when there was none. */
export async function deleteBucket(client: S3Client, bucket: string): Promise<boolean> {
  try {
    // Each round removes the first page, so the next begins at the start again.
    for (;;) {
      const { Versions, DeleteMarkers } = versionsSchema.parse(await client.send(new ListObjectVersionsCommand({ Bucket: bucket })));
      const entries = [...Versions, ...DeleteMarkers].map(({ Key, VersionId }) => ({
        Key,
        ...(VersionId === undefined ? {} : { VersionId }),
      }));
      if (entries.length === 0) break;
      const deleted = await client.send(
        new DeleteObjectsCommand({ Bucket: bucket, Delete: { Objects: entries.slice(0, 1000), Quiet: true } }),
      );
      const [refused] = deletedSchema.parse(deleted).Errors;
      if (refused !== undefined) throw undeletable(bucket, refused.Key ?? '', refused.Code ?? '');
    }
    const { Uploads } = uploadsSchema.parse(await client.send(new ListMultipartUploadsCommand({ Bucket: bucket })));
    for (const { Key, UploadId } of Uploads) await client.send(new AbortMultipartUploadCommand({ Bucket: bucket, Key, UploadId }));
    await client.send(new DeleteBucketCommand({ Bucket: bucket }));
    return true;
  } catch (thrown) {
    if (nameOf(thrown) === 'NoSuchBucket') return false;
    throw explainAwsError(thrown, `delete the bucket ${bucket}`);
  }
}

/** False when there was none. */
export async function deleteTable(client: DynamoDBClient, table: string): Promise<boolean> {
  try {
    const { Table } = tableSchema.parse(await client.send(new DescribeTableCommand({ TableName: table })));
    if (Table.DeletionProtectionEnabled === true) {
      await client.send(new UpdateTableCommand({ TableName: table, DeletionProtectionEnabled: false }));
    }
    await client.send(new DeleteTableCommand({ TableName: table }));
    return true;
  } catch (thrown) {
    if (nameOf(thrown) === 'ResourceNotFoundException') return false;
    throw explainAwsError(thrown, `delete the table ${table}`);
  }
}

function undeletable(bucket: string, key: string, code: string): BakeoffError {
  return new BakeoffError({
    code: 'teardown-stuck',
    message: `S3 would not delete ${key} of the bucket ${bucket}: ${code}`,
    remedy: 'Remove what protects it (a policy, an object lock), then call teardown again: it goes on from here.',
    kind: 'environment',
  });
}
