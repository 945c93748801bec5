/**
 * What outlives every deployment: the bucket and the table, retained with generated names. bin/app.ts places it before the service stack,
 * which can be thrown away and deployed anew around them.
 */
import { Stack, type StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import type { DeploymentSettings } from './deployment-settings.ts';
import { RecordsTable } from './records-table.ts';
import { ResultsBucket } from './results-bucket.ts';

/** Bucket and table of a deployment, wherever they are. */
export interface DeploymentData {
  readonly bucket: ResultsBucket;
  readonly table: RecordsTable;
}

export class DataStack extends Stack implements DeploymentData {
  readonly bucket: ResultsBucket;
  readonly table: RecordsTable;

  constructor(scope: Construct, id: string, props: StackProps) {
    super(scope, id, props);
    this.bucket = new ResultsBucket(this, 'Results', { adopted: null });
    this.table = new RecordsTable(this, 'Records', { adopted: null });
  }
}

/** Those of an earlier deployment: named, not made. */
export function adoptedData(scope: Construct, adopt: NonNullable<DeploymentSettings['adopt']>): DeploymentData {
  return {
    bucket: new ResultsBucket(scope, 'Results', { adopted: adopt.bucketName }),
    table: new RecordsTable(scope, 'Records', { adopted: adopt.tableName }),
  };
}
