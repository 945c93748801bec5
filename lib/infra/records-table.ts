/**
 * The table of runs, jobs, aggregates, leaderboards and registered images: made by the data stack as lib/core/table-layout.ts says, or
 * adopted from an earlier deployment. The service stack hands it to functions and roles.
 */
import { CfnDeletionPolicy, Stack } from 'aws-cdk-lib';
import { CfnTable } from 'aws-cdk-lib/aws-dynamodb';
import { type IGrantable, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { ENVIRONMENT } from '../core/environment-names.ts';
import { TABLE_INDEXES, TABLE_KEYS } from '../core/table-layout.ts';
import type { ServiceFunction } from './service-function.ts';

const READ = ['dynamodb:GetItem', 'dynamodb:BatchGetItem', 'dynamodb:Query'];
/** Transactions need the rights of what is in them. */
const WRITE = ['dynamodb:PutItem', 'dynamodb:UpdateItem', 'dynamodb:ConditionCheckItem'];
const REPLACE = ['dynamodb:DeleteItem', 'dynamodb:BatchWriteItem'];

/** `write` reads too; `replace` may also delete items, which aggregates and results need when they are written anew. */
export type TableRights = 'read' | 'write' | 'replace';

const ACTIONS: Readonly<Record<TableRights, readonly string[]>> = {
  read: READ,
  write: [...READ, ...WRITE],
  replace: [...READ, ...WRITE, ...REPLACE],
};

export class RecordsTable extends Construct {
  readonly name: string;
  readonly arn: string;

  /** With `adopted`, the name of a table that exists; nothing is made then. */
  constructor(scope: Construct, id: string, props: { readonly adopted: string | null }) {
    super(scope, id);
    this.name = props.adopted ?? this.makeTable();
    this.arn = Stack.of(this).formatArn({ service: 'dynamodb', resource: 'table', resourceName: this.name });
  }

  /** Sets the variable and grants the rights together; indexes can only be queried. */
  giveTo(fn: ServiceFunction, rights: TableRights): void {
    fn.set(ENVIRONMENT.table, this.name);
    fn.allow(ACTIONS[rights], [this.arn]);
    fn.allow(['dynamodb:Query'], [`${this.arn}/index/*`]);
  }

  /** Items of runs only: their jobs, claims and beats. */
  allowRunItems(grantee: IGrantable): void {
    grantee.grantPrincipal.addToPrincipalPolicy(
      new PolicyStatement({
        actions: ['dynamodb:GetItem', 'dynamodb:PutItem'],
        resources: [this.arn],
        conditions: { 'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': ['RUN#*'] } },
      }),
    );
  }

  private makeTable(): string {
    const { partition, sort } = TABLE_KEYS;
    const indexes = Object.values(TABLE_INDEXES);
    const keys = indexes.flatMap((index) => [index.partition, index.sort]);
    const table = new CfnTable(this, 'Table', {
      billingMode: 'PAY_PER_REQUEST',
      keySchema: [
        { attributeName: partition, keyType: 'HASH' },
        { attributeName: sort, keyType: 'RANGE' },
      ],
      attributeDefinitions: [
        { attributeName: partition, attributeType: 'S' },
        { attributeName: sort, attributeType: 'S' },
        ...keys.map(({ name, type }) => ({ attributeName: name, attributeType: type })),
      ],
      globalSecondaryIndexes: indexes.map((index) => ({
        indexName: index.name,
        keySchema: [
          { attributeName: index.partition.name, keyType: 'HASH' },
          { attributeName: index.sort.name, keyType: 'RANGE' },
        ],
        projection: { projectionType: 'ALL' },
      })),
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
      deletionProtectionEnabled: true,
    });
    table.cfnOptions.deletionPolicy = CfnDeletionPolicy.RETAIN;
    table.cfnOptions.updateReplacePolicy = CfnDeletionPolicy.RETAIN;
    return table.ref;
  }
}
