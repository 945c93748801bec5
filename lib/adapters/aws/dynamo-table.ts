/**
 * The few ways in which the DynamoDB adapters touch the table: get, put, put on a condition, read a range, write many. Waits out
 * throttling and concurrent transactions; what remains is an error with a remedy.
 */
import { randomUUID } from 'node:crypto';
import {
  BatchWriteItemCommand,
  ConditionalCheckFailedException,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  type QueryCommandInput,
  type TransactWriteItem,
  TransactWriteItemsCommand,
  type WriteRequest,
} from '@aws-sdk/client-dynamodb';
import { TABLE_ATTRIBUTES, TABLE_KEYS } from '../../core/table-layout.ts';
import { backoff } from './backoff.ts';
import type { Item } from './dynamo-items.ts';
import { type ItemKey, keyAttributes } from './dynamo-keys.ts';
import { nameOf } from './explain-aws-error.ts';
import { storeError } from './store-error.ts';

export interface DynamoTableOptions {
  readonly client: DynamoDBClient;
  readonly table: string;
}

export interface DynamoTable {
  /** Strongly consistent. */
  readonly get: (key: ItemKey) => Promise<Item | null>;
  readonly put: (item: Item) => Promise<void>;
  readonly putIfAbsent: (item: Item) => Promise<boolean>;
  /** False when the item's version is another. */
  readonly putIfVersion: (item: Item, before: number) => Promise<boolean>;
  /** Items of one partition whose sort keys begin with `prefix`, in their order. Strongly consistent, page by page. */
  readonly range: (partition: string, prefix: string) => AsyncIterable<Item>;
  /** One page of a query, as DynamoDB cuts it. */
  readonly query: (input: Omit<QueryCommandInput, 'TableName'>) => Promise<{ readonly items: readonly Item[]; readonly next: Item | null }>;
  /** Puts and deletes without a condition, in any order, not as one. Keys may not repeat. */
  readonly writeAll: (writes: readonly ({ readonly put: Item } | { readonly remove: ItemKey })[]) => Promise<void>;
  /** All or nothing; on refusal throws the SDK's TransactionCanceledException with its reasons. */
  readonly transact: (items: (table: string) => TransactWriteItem[]) => Promise<void>;
}

/** On top of the SDK's own tries. */
const TRIES = 8;
const BATCH_ITEMS = 25;
const BATCHES_AT_ONCE = 4;
const PASSING = new Set([
  ...['ProvisionedThroughputExceededException', 'RequestLimitExceeded', 'ThrottlingException', 'InternalServerError'],
  ...['TransactionConflictException', 'TransactionInProgressException'],
]);

/** Errors: `store-unwritable`, `store-missing`, `store-busy`, `aws-…`. */
export function dynamoTable({ client, table }: DynamoTableOptions): DynamoTable {
  const putIf = async (item: Item, condition: Pick<QueryCommandInput, 'ExpressionAttributeValues'> & { ConditionExpression: string }) => {
    const writer = randomUUID();
    const Item = { ...item, [TABLE_ATTRIBUTES.writer]: { S: writer } };
    const put = new PutItemCommand({ TableName: table, Item, ...condition, ReturnValuesOnConditionCheckFailure: 'ALL_OLD' });
    try {
      await patiently('write', () => client.send(put));
      return true;
    } catch (error) {
      if (!(error instanceof ConditionalCheckFailedException)) throw error;
      // A try whose answer was lost has written it, and the next one found it there.
      return error.Item?.[TABLE_ATTRIBUTES.writer]?.S === writer;
    }
  };
  const query: DynamoTable['query'] = async (input) => {
    const answer = await patiently('read', () => client.send(new QueryCommand({ TableName: table, ...input })));
    return { items: answer.Items ?? [], next: answer.LastEvaluatedKey ?? null };
  };
  const writeBatch = async (batch: WriteRequest[]): Promise<void> => {
    let left = batch;
    for (let tries = 1; left.length > 0; tries++) {
      const requests = left;
      const answer = await patiently('write', () => client.send(new BatchWriteItemCommand({ RequestItems: { [table]: requests } })));
      left = answer.UnprocessedItems?.[table] ?? [];
      if (left.length === 0) return;
      if (tries >= TRIES) throw storeError(named('ProvisionedThroughputExceededException'), 'write the records');
      await backoff(tries + 2);
    }
  };

  return {
    get: async (key) => {
      const get = new GetItemCommand({ TableName: table, Key: keyAttributes(key), ConsistentRead: true });
      return (await patiently('read', () => client.send(get))).Item ?? null;
    },
    put: async (Item) => {
      await patiently('write', () => client.send(new PutItemCommand({ TableName: table, Item })));
    },
    putIfAbsent: (item) => putIf(item, { ConditionExpression: `attribute_not_exists(${TABLE_KEYS.partition})` }),
    putIfVersion: (item, before) =>
      putIf(item, {
        ConditionExpression: `${TABLE_ATTRIBUTES.version} = :before`,
        ExpressionAttributeValues: { ':before': { N: String(before) } },
      }),
    async *range(partition, prefix) {
      let next: Item | null = null;
      do {
        const page: { readonly items: readonly Item[]; readonly next: Item | null } = await query({
          ConsistentRead: true,
          KeyConditionExpression: `${TABLE_KEYS.partition} = :partition AND begins_with(${TABLE_KEYS.sort}, :prefix)`,
          ExpressionAttributeValues: { ':partition': { S: partition }, ':prefix': { S: prefix } },
          ...(next === null ? {} : { ExclusiveStartKey: next }),
        });
        yield* page.items;
        next = page.next;
      } while (next !== null);
    },
    query,
    writeAll: async (writes) => {
      const requests = writes.map(
        (write): WriteRequest =>
          'put' in write ? { PutRequest: { Item: write.put } } : { DeleteRequest: { Key: keyAttributes(write.remove) } },
      );
      const batches = Array.from({ length: Math.ceil(requests.length / BATCH_ITEMS) }, (_, n) =>
        requests.slice(n * BATCH_ITEMS, (n + 1) * BATCH_ITEMS),
      );
      const work = async (): Promise<void> => {
        for (let batch = batches.pop(); batch !== undefined; batch = batches.pop()) await writeBatch(batch);
      };
      await Promise.all(Array.from({ length: BATCHES_AT_ONCE }, work));
    },
    transact: async (items) => {
      await patiently('write', () => client.send(new TransactWriteItemsCommand({ TransactItems: items(table) })));
    },
  };
}

/** Outcomes that a caller asks for (a failed condition) go through as they are. */
async function patiently<T>(verb: 'read' | 'write', call: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await call();
    } catch (error) {
      const name = nameOf(error);
      if (name === 'ConditionalCheckFailedException' || name === 'TransactionCanceledException') throw error;
      if (!PASSING.has(name) || tries >= TRIES) throw storeError(error, `${verb} the records`);
      await backoff(tries + 2);
    }
  }
}

function named(name: string): Error {
  const error = new Error(name);
  error.name = name;
  return error;
}
