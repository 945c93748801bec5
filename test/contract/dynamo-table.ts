/** An empty table on MiniStack, made from the same facts as the deployed one. For the contract tests of the DynamoDB adapters. */
import { randomUUID } from 'node:crypto';
import { CreateTableCommand, type DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { TABLE_INDEXES, TABLE_KEYS } from '../../lib/core/table-layout.ts';

/** Returns its name. */
export async function newTable(client: DynamoDBClient): Promise<string> {
  const table = `table-${randomUUID()}`;
  const indexes = Object.values(TABLE_INDEXES);
  const strings = [TABLE_KEYS.partition, TABLE_KEYS.sort].map((name) => ({ name, type: 'S' as const }));
  await client.send(
    new CreateTableCommand({
      TableName: table,
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: [...strings, ...indexes.flatMap(({ partition, sort }) => [partition, sort])].map(({ name, type }) => ({
        AttributeName: name,
        AttributeType: type,
      })),
      KeySchema: keySchema(TABLE_KEYS.partition, TABLE_KEYS.sort),
      GlobalSecondaryIndexes: indexes.map(({ name, partition, sort }) => ({
        IndexName: name,
        KeySchema: keySchema(partition.name, sort.name),
        Projection: { ProjectionType: 'ALL' },
      })),
    }),
  );
  return table;
}

function keySchema(partition: string, sort: string) {
  return [
    { AttributeName: partition, KeyType: 'HASH' as const },
    { AttributeName: sort, KeyType: 'RANGE' as const },
  ];
}
