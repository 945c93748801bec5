/** Records of runs and jobs in the table: the `RunStore` port on DynamoDB, with the budgets of runs. Made by lib/compose. */
import { z } from 'zod';
import { beatSchema, type JobRecord, jobRecordSchema, metricRecordSchema, type RunRecord, runRecordSchema } from '../../core/job.ts';
import type { BudgetStore, RunStore } from '../../core/ports.ts';
import { dynamoBudgetStore } from './dynamo-budget-store.ts';
import { type Item, itemOf, recordOf } from './dynamo-items.ts';
import { itemKeys, partitions, sortPrefixes, timeIndexed, timeKeys } from './dynamo-keys.ts';
import { indexPage } from './dynamo-pages.ts';
import { type DynamoTableOptions, dynamoTable } from './dynamo-table.ts';

const metricsSchema = z.array(metricRecordSchema);

/** Errors: those of dynamo-table.ts and dynamo-items.ts; `bad-id`. `listRuns` reads an index and may be a moment late. */
export function dynamoRunStore(options: DynamoTableOptions): RunStore & BudgetStore {
  const table = dynamoTable(options);
  const allOf = async <T>(schema: z.ZodType<T>, runId: string, prefix: string): Promise<T[]> => {
    const found: T[] = [];
    for await (const item of table.range(partitions.run(runId), prefix)) found.push(recordOf(schema, item));
    return found;
  };
  return {
    ...dynamoBudgetStore(table),
    createRun: async (run) => table.putIfAbsent(runItem(run)),
    getRun: async (runId) => parsed(runRecordSchema, await table.get(itemKeys.run(runId))),
    replaceRun: async (run) => table.putIfVersion(runItem(run), run.version - 1),
    listRuns: async (limit) => {
      const index = { name: 'runs', partition: timeKeys.runs, newestFirst: true } as const;
      return (await indexPage(table, index, { limit, cursor: null }, runRecordSchema)).items.slice();
    },
    createJob: async (job) => table.putIfAbsent(jobItem(job)),
    getJob: async (runId, jobId) => parsed(jobRecordSchema, await table.get(itemKeys.job(runId, jobId))),
    replaceJob: async (job) => table.putIfVersion(jobItem(job), job.version - 1),
    listJobs: async (runId) => (await allOf(jobRecordSchema, runId, sortPrefixes.jobs)).sort((a, b) => a.ordinal - b.ordinal),
    putBeat: async (beat) => table.put(itemOf(itemKeys.beat(beat.runId, beat.jobId), beat)),
    listBeats: (runId) => allOf(beatSchema, runId, sortPrefixes.beats),
    putMetrics: async (runId, jobId, metrics) => {
      const sorted = [...metrics].sort((a, b) => (a.name < b.name ? -1 : 1));
      await table.put(itemOf(itemKeys.metrics(runId, jobId), sorted));
    },
    listMetrics: async (runId) => (await allOf(metricsSchema, runId, sortPrefixes.metrics)).flat(),
  };
}

function runItem(run: RunRecord): Item {
  const indexed = timeIndexed(timeKeys.runs, timeKeys.run(run.createdAtMs, run.runId));
  return itemOf(itemKeys.run(run.runId), run, { version: run.version, indexed });
}

function jobItem(job: JobRecord): Item {
  return itemOf(itemKeys.job(job.runId, job.jobId), job, { version: job.version });
}

function parsed<T>(schema: z.ZodType<T>, item: Item | null): T | null {
  return item === null ? null : recordOf(schema, item);
}
