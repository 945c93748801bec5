/** When the machines of the fleet were there: the `InstanceStore` port on DynamoDB. Made by lib/compose for the instance Lambda and costs. */
import { type InstanceRecord, instanceRecordSchema, mergeInstances } from '../../core/instance-record.ts';
import type { InstanceStore } from '../../core/ports.ts';
import { TABLE_ATTRIBUTES, TABLE_INDEXES } from '../../core/table-layout.ts';
import { backoff } from './backoff.ts';
import { type Item, itemOf, recordOf } from './dynamo-items.ts';
import { itemKeys, timeIndexed, timeKeys } from './dynamo-keys.ts';
import { type DynamoTableOptions, dynamoTable } from './dynamo-table.ts';
import { storeError } from './store-error.ts';

/** Events of one instance that may arrive at the same moment are a handful. */
const TRIES = 20;

/** Errors: those of dynamo-table.ts and dynamo-items.ts; `bad-id`. */
export function dynamoInstanceStore(options: DynamoTableOptions): InstanceStore {
  const table = dynamoTable(options);
  return {
    putInstance: async (record) => {
      for (let tries = 1; tries <= TRIES; tries++) {
        const stored = await table.get(itemKeys.instance(record.instanceId));
        if (stored === null) {
          if (await table.putIfAbsent(instanceItem(record, 1))) return;
        } else {
          const before = recordOf(instanceRecordSchema, stored);
          const after = mergeInstances(before, record);
          if (JSON.stringify(after) === JSON.stringify(before)) return;
          const version = Number(stored[TABLE_ATTRIBUTES.version]?.N);
          if (await table.putIfVersion(instanceItem(after, version + 1), version)) return;
        }
        await backoff(tries);
      }
      throw storeError(new Error(`${TRIES} tries lost against other writers`), `record the instance ${record.instanceId}`);
    },
    listInstances: async ({ fromMs, toMs }) => {
      const { name, partition, sort } = TABLE_INDEXES.runs;
      const found: InstanceRecord[] = [];
      let next: Item | null = null;
      do {
        const page: { readonly items: readonly Item[]; readonly next: Item | null } = await table.query({
          IndexName: name,
          KeyConditionExpression: `${partition.name} = :partition AND ${sort.name} >= :from`,
          ExpressionAttributeValues: { ':partition': { S: timeKeys.instances }, ':from': { S: timeKeys.endedAfter(fromMs) } },
          ...(next === null ? {} : { ExclusiveStartKey: next }),
        });
        found.push(...page.items.map((item) => recordOf(instanceRecordSchema, item)));
        next = page.next;
      } while (next !== null);
      return found.filter(({ launchedAtMs }) => launchedAtMs < toMs).sort((a, b) => (a.instanceId < b.instanceId ? -1 : 1));
    },
  };
}

function instanceItem(record: InstanceRecord, version: number): Item {
  const indexed = timeIndexed(timeKeys.instances, timeKeys.instance(record.terminatedAtMs, record.instanceId));
  return itemOf(itemKeys.instance(record.instanceId), record, { version, indexed });
}
