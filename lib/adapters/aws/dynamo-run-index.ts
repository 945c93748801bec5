/** Questions over many runs: the `RunIndex` port on DynamoDB's two indexes. Results lie with their run. Made by lib/compose. */
import type { RunIndex } from '../../core/ports.ts';
import { runRecordSchema } from '../../core/job.ts';
import { type ResultRecord, resultRecordSchema } from '../../core/result-record.ts';
import { TABLE_INDEXES, TABLE_KEYS } from '../../core/table-layout.ts';
import { type Item, itemOf } from './dynamo-items.ts';
import { itemKeys, leaderboardNumber, leaderboardPartition, partitions, sortPrefixes, timeIndexed, timeKeys } from './dynamo-keys.ts';
import { indexPage } from './dynamo-pages.ts';
import { type DynamoTableOptions, dynamoTable } from './dynamo-table.ts';

/** Errors: those of dynamo-table.ts and dynamo-items.ts; `bad-cursor`, `bad-id`. */
export function dynamoRunIndex(options: DynamoTableOptions): RunIndex {
  const table = dynamoTable(options);
  return {
    newestRuns: (page) => indexPage(table, { name: 'runs', partition: timeKeys.runs, newestFirst: true }, page, runRecordSchema),
    putResults: async (runId, results) => {
      // By key: a result that is named twice is written once.
      const wanted = new Map(results.map((result) => [itemKeys.result(result).sort, resultItem(runId, result)]));
      const partition = partitions.run(runId);
      const stale: { partition: string; sort: string }[] = [];
      for await (const item of table.range(partition, sortPrefixes.results)) {
        const sort = item[TABLE_KEYS.sort]?.S ?? '';
        if (!wanted.has(sort)) stale.push({ partition, sort });
      }
      await table.writeAll([...[...wanted.values()].map((put) => ({ put })), ...stale.map((remove) => ({ remove }))]);
    },
    leaderboard: async ({ limit, cursor, ...query }) => {
      const index = { name: 'leaderboard', partition: leaderboardPartition(query), newestFirst: query.direction === 'higher' } as const;
      return indexPage(table, index, { limit, cursor }, resultRecordSchema);
    },
    modelHistory: async ({ limit, cursor, modelId }) => {
      const index = { name: 'runs', partition: timeKeys.model(modelId), newestFirst: true } as const;
      return indexPage(table, index, { limit, cursor }, resultRecordSchema);
    },
  };
}

function resultItem(runId: string, result: ResultRecord): Item {
  if (result.runId !== runId) throw new TypeError(`a result of run ${result.runId} among those of ${runId}`);
  const { leaderboard } = TABLE_INDEXES;
  const indexed: Item = {
    ...timeIndexed(timeKeys.model(result.modelId), timeKeys.result(result)),
    [leaderboard.partition.name]: { S: leaderboardPartition(result) },
    [leaderboard.sort.name]: { N: leaderboardNumber(result.value) },
  };
  return itemOf(itemKeys.result(result), result, { indexed });
}
