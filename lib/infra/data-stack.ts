/**
 * What outlives every deployment: the bucket and the table, retained with generated names. bin/app.ts places it before the service stack,
 * which can be thrown away and deployed anew around them.
 */
import { Stack, type StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import type { DeploymentSettings } from './deployment-settings.ts';
import { RecordsTable } from './records-table.ts';
import { ResultsBucket } from './results-bucket.ts';

export interface DataStackProps extends StackProps {
  readonly settings: DeploymentSettings;
}

export class DataStack extends Stack {
  readonly bucket: ResultsBucket;
  readonly table: RecordsTable;

  constructor(scope: Construct, id: string, props: DataStackProps) {
    super(scope, id, props);
    const { adopt } = props.settings;
    this.bucket = new ResultsBucket(this, 'Results', { adopted: adopt?.bucketName ?? null });
    this.table = new RecordsTable(this, 'Records', { adopted: adopt?.tableName ?? null });
  }
}
