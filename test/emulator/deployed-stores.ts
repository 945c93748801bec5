/** The deployment's stores, opened by the tests to leave what a crash would have left. */
import { join } from 'node:path';
import { dynamoRunStore } from '../../lib/adapters/aws/dynamo-run-store.ts';
import { s3ObjectStore } from '../../lib/adapters/aws/s3-object-store.ts';
import type { ObjectStore, RunStore } from '../../lib/core/ports.ts';
import { WORK_FOLDER } from './work-folder.ts';
import type { World } from './world.ts';

export function deployedStores({ aws, outputs }: World): { readonly objects: ObjectStore; readonly runs: RunStore } {
  return {
    objects: s3ObjectStore({ client: aws.s3, bucket: outputs.BucketName, folder: join(WORK_FOLDER, 'objects') }),
    runs: dynamoRunStore({ client: aws.dynamo, table: outputs.TableName }),
  };
}
