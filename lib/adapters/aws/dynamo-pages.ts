/**
 * Pages of an index: items in the index's order, and a cursor that goes on behind the last of them. A cursor comes back from outside
 * and is checked like anything else: it can only name a place within the partition that is asked for.
 */
import type { z } from 'zod';
import { badCursor, type CursorParts, decodeCursor, encodeCursor } from '../../core/cursor.ts';
import type { Page, PageRequest } from '../../core/ports.ts';
import { TABLE_INDEXES, TABLE_KEYS } from '../../core/table-layout.ts';
import { type Item, recordOf } from './dynamo-items.ts';
import { leaderboardNumber } from './dynamo-keys.ts';
import type { DynamoTable } from './dynamo-table.ts';

/** DynamoDB's limit for a sort key. */
const KEY_MAX_BYTES = 1_024;

export interface IndexQuery {
  readonly name: keyof typeof TABLE_INDEXES;
  readonly partition: string;
  /** Descending. */
  readonly newestFirst: boolean;
}

/** `limit` records at most, fewer only at the end, where the cursor is null. Throws `bad-cursor`, `record-unreadable`. */
export async function indexPage<T>(
  table: DynamoTable,
  index: IndexQuery,
  { limit, cursor }: PageRequest,
  schema: z.ZodType<T>,
): Promise<Page<T>> {
  let next: Item | null = cursor === null ? null : startKey(index, decodeCursor(cursor, listingOf(index), 3));
  const layout = TABLE_INDEXES[index.name];
  const found: Item[] = [];
  do {
    const page: Awaited<ReturnType<DynamoTable['query']>> = await table.query({
      IndexName: layout.name,
      KeyConditionExpression: `${layout.partition.name} = :partition`,
      ExpressionAttributeValues: { ':partition': { S: index.partition } },
      ScanIndexForward: !index.newestFirst,
      // One more than wanted tells whether there is a next page.
      Limit: limit + 1 - found.length,
      ...(next === null ? {} : { ExclusiveStartKey: next }),
    });
    found.push(...page.items);
    next = page.next;
  } while (next !== null && found.length <= limit);
  const items = found.slice(0, limit);
  const last = items.at(-1);
  return {
    items: items.map((item) => recordOf(schema, item)),
    cursor: found.length > limit && last !== undefined ? encodeCursor(listingOf(index), partsOf(index, last)) : null,
  };
}

function listingOf({ partition, newestFirst }: IndexQuery): string {
  return `${partition} ${newestFirst ? 'down' : 'up'}`;
}

function partsOf(index: IndexQuery, item: Item): CursorParts {
  const { sort } = TABLE_INDEXES[index.name];
  const value = item[sort.name];
  return [value?.S ?? value?.N ?? '', item[TABLE_KEYS.partition]?.S ?? '', item[TABLE_KEYS.sort]?.S ?? ''];
}

/** DynamoDB's ExclusiveStartKey. */
function startKey(index: IndexQuery, [sort = '', partitionKey = '', sortKey = '']: CursorParts): Item {
  const { partition, sort: sortLayout } = TABLE_INDEXES[index.name];
  if ([sort, partitionKey, sortKey].some((part) => Buffer.byteLength(part) > KEY_MAX_BYTES)) throw badCursor();
  if (sortLayout.type === 'N' && !Number.isFinite(Number(sort))) throw badCursor();
  return {
    [partition.name]: { S: index.partition },
    [sortLayout.name]: sortLayout.type === 'N' ? { N: leaderboardNumber(Number(sort)) } : { S: sort },
    [TABLE_KEYS.partition]: { S: partitionKey },
    [TABLE_KEYS.sort]: { S: sortKey },
  };
}
