/**
 * The driver's stores on AWS. Loaded by driver-stores.ts only where they are wanted, since it brings the AWS SDK.
 */
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { S3Client } from '@aws-sdk/client-s3';
import { dynamoRunStore } from '../adapters/aws/dynamo-run-store.ts';
import { s3ObjectStore } from '../adapters/aws/s3-object-store.ts';
import { DRIVER_CLIENT } from './aws-client-settings.ts';
import type { ObjectStore, RunStore } from '../core/ports.ts';

interface AwsStores {
  readonly objects: ObjectStore;
  readonly runs: RunStore;
  readonly close: () => void;
}

/** Credentials and endpoints come from the SDK's usual chain: in a task, its role. */
export function openAwsDriverStores(
  { bucket, table, region }: { readonly bucket: string; readonly table: string; readonly region: string },
  folder: string,
): AwsStores {
  const s3 = new S3Client({ ...DRIVER_CLIENT, region });
  const dynamo = new DynamoDBClient({ ...DRIVER_CLIENT, region });
  return {
    objects: s3ObjectStore({ client: s3, bucket, folder }),
    runs: dynamoRunStore({ client: dynamo, table }),
    close: () => {
      s3.destroy();
      dynamo.destroy();
    },
  };
}
