/**
 * The stores of a deployment, as its functions use them. Clients take region, credentials and endpoint from the environment of the process,
 * as the SDK does.
 */
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { S3Client } from '@aws-sdk/client-s3';
import { dynamoRunStore } from '../adapters/aws/dynamo-run-store.ts';
import { s3ObjectStore } from '../adapters/aws/s3-object-store.ts';
import { FUNCTION_CLIENT } from './aws-client-settings.ts';
import type { BudgetStore, ObjectStore, RunStore } from '../core/ports.ts';

export interface AwsStores {
  readonly s3: S3Client;
  readonly dynamo: DynamoDBClient;
  readonly objects: ObjectStore;
  readonly runs: RunStore & BudgetStore;
}

/** Once per process. */
export function awsStores({ bucket, table }: { readonly bucket: string; readonly table: string }): AwsStores {
  const s3 = new S3Client(FUNCTION_CLIENT);
  const dynamo = new DynamoDBClient(FUNCTION_CLIENT);
  const objects = s3ObjectStore({ client: s3, bucket, folder: join(tmpdir(), 'objects') });
  return { s3, dynamo, objects, runs: dynamoRunStore({ client: dynamo, table }) };
}
