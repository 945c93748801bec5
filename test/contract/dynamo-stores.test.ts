/** The DynamoDB adapters keep the contracts of their ports on MiniStack, and what is special to a table. */
import { DynamoDBClient, PutItemCommand, QueryCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { dynamoInstanceStore } from '../../lib/adapters/aws/dynamo-instance-store.ts';
import { dynamoModelStore } from '../../lib/adapters/aws/dynamo-model-store.ts';
import { dynamoRunIndex } from '../../lib/adapters/aws/dynamo-run-index.ts';
import { dynamoRunStore } from '../../lib/adapters/aws/dynamo-run-store.ts';
import { newJobRecord } from '../../lib/core/advance.ts';
import type { TaskFacts } from '../../lib/core/job.ts';
import { type MiniStack, startMiniStack } from '../emulator/ministack.ts';
import { budgetContract } from './budget-contract.ts';
import { runRecord } from './contract-records.ts';
import { newTable } from './dynamo-table.ts';
import { instanceStoreContract } from './instance-store-contract.ts';
import { modelStoreContract } from './model-store-contract.ts';
import { runIndexContract } from './run-index-contract.ts';
import { runStoreContract } from './run-store-contract.ts';

let emulator: MiniStack;
let client: DynamoDBClient;
beforeAll(async () => {
  emulator = await startMiniStack();
  client = new DynamoDBClient({ ...emulator.clientConfig, maxAttempts: 3 });
});
afterAll(async () => {
  client.destroy();
  await emulator.stop();
});

const options = async () => ({ client, table: await newTable(client) });

runStoreContract('a table', async () => dynamoRunStore(await options()));
budgetContract('a table', async () => dynamoRunStore(await options()));
modelStoreContract('a table', async () => dynamoModelStore(await options()));
instanceStoreContract('a table', async () => dynamoInstanceStore(await options()));
runIndexContract('a table', async () => {
  const shared = await options();
  return { runs: dynamoRunStore(shared), index: dynamoRunIndex(shared) };
});

const facts = (attempt: number, logTail: string): TaskFacts => ({
  taskId: `arn:aws:ecs:us-east-1:111122223333:task/bakeoff/${attempt}`,
  stage: 'infer',
  attempt,
  startedAtMs: 1,
  endedAtMs: 2,
  phasesMs: { wait: 1 },
  driverExitCode: 1,
  server: { exitCode: 1, signal: null, reason: null, peakRssMiB: null, cpuSeconds: null, sampleHz: null, logTail },
  error: null,
});

describe('a table', () => {
  it('lists the jobs of a run beyond the megabyte that one answer holds', async () => {
    const store = dynamoRunStore(await options());
    const records = Array.from({ length: 40 }, (_, n) => ({
      ...newJobRecord('r1', `job-${(n * 7) % 40}`, n, ['infer', 'score'], 1),
      tasks: [facts(1, 'x'.repeat(100_000))],
    }));
    await Promise.all(records.map((record) => store.createJob(record)));
    expect((await store.listJobs('r1')).map(({ jobId }) => jobId)).toEqual(records.map(({ jobId }) => jobId));
  });

  it('lists runs beyond the megabyte that one answer holds', async () => {
    const shared = await options();
    const store = dynamoRunStore(shared);
    const failure = { class: 'infra', code: 'x', message: 'm'.repeat(4_000) } as const;
    await Promise.all(Array.from({ length: 300 }, (_, n) => store.createRun({ ...runRecord(`r${n}`, n), failure })));
    expect((await store.listRuns(290)).map(({ runId }) => runId)).toEqual(Array.from({ length: 290 }, (_, n) => `r${299 - n}`));
  });

  it('refuses a record that no item can hold, and keeps the one before', async () => {
    const store = dynamoRunStore(await options());
    const job = newJobRecord('r1', 'j1', 0, ['infer'], 1);
    await store.createJob(job);
    const grown = { ...job, version: 2, tasks: Array.from({ length: 110 }, (_, n) => facts(n + 1, 'ü'.repeat(2_000))) };
    await expect(store.replaceJob(grown)).rejects.toMatchObject({ code: 'record-too-large', message: expect.stringContaining('JOB#j1') });
    expect(await store.getJob('r1', 'j1')).toEqual(job);
    const close = { ...job, version: 2, tasks: Array.from({ length: 91 }, (_, n) => facts(n + 1, 'ü'.repeat(2_000))) };
    expect(await store.replaceJob(close)).toBe(true);
  });

  it('knows its own write again when the answer was lost', async () => {
    const shared = await options();
    const runs = dynamoRunStore(shared);
    await runs.createRun(runRecord('r1'));
    let lost = 0;
    const deaf = new DynamoDBClient({ ...emulator.clientConfig, maxAttempts: 3 });
    deaf.middlewareStack.add(
      (next) => async (args) => {
        const answer = await next(args);
        // The service has done it; the caller only sees a broken connection.
        if (++lost === 1) throw Object.assign(new Error('socket hang up'), { name: 'TimeoutError', code: 'ECONNRESET' });
        return answer;
      },
      { step: 'deserialize', priority: 'low' },
    );
    expect(await dynamoRunStore({ ...shared, client: deaf }).replaceRun({ ...runRecord('r1'), version: 2 })).toBe(true);
    expect(lost).toBe(2);
    expect(await runs.replaceRun({ ...runRecord('r1'), version: 2 })).toBe(false);
    deaf.destroy();
  });

  it.each(['a#b', '', '../x', 'a/b', 'x'.repeat(65), 'é', 'a\0'])('refuses the id %j in any key', async (id) => {
    const shared = await options();
    const store = dynamoRunStore(shared);
    const bad = { code: 'bad-id', kind: 'usage' };
    await expect(store.getRun(id)).rejects.toMatchObject(bad);
    await expect(store.getJob('r1', id)).rejects.toMatchObject(bad);
    await expect(store.listJobs(id)).rejects.toMatchObject(bad);
    await expect(store.createRun(runRecord(id))).rejects.toMatchObject(bad);
    await expect(dynamoModelStore(shared).getImage(id)).rejects.toMatchObject(bad);
    await expect(dynamoRunIndex(shared).modelHistory({ modelId: id, limit: 1, cursor: null })).rejects.toMatchObject(bad);
  });

  it('says which item is no record of this version', async () => {
    const shared = await options();
    const Item = { PK: { S: 'RUN#r1' }, SK: { S: 'META' }, record: { S: '{"schema":2}' } };
    await client.send(new PutItemCommand({ TableName: shared.table, Item }));
    const expected = { code: 'record-unreadable', message: expect.stringContaining('RUN#r1 META') };
    await expect(dynamoRunStore(shared).getRun('r1')).rejects.toMatchObject(expected);
  });

  it('says that the table is missing', async () => {
    const store = dynamoRunStore({ client, table: 'none' });
    await expect(store.getRun('r1')).rejects.toMatchObject({ code: 'store-missing', kind: 'environment' });
  });

  it('keeps jobs, beats and aggregates out of every index', async () => {
    const shared = await options();
    const store = dynamoRunStore(shared);
    await store.createRun(runRecord('r1'));
    await store.createJob(newJobRecord('r1', 'j1', 0, ['infer'], 1));
    const live = { planned: 1, done: 0, failed: 0, ratePerSecond: null, atMs: 1 };
    await store.putBeat({ runId: 'r1', jobId: 'j1', stage: 'infer', attempt: 1, phase: 'load', ...live });
    await store.putMetrics('r1', 'j1', [{ runId: 'r1', jobId: 'j1', name: 'a', unit: '', value: 1, reason: null, n: 1 }]);
    await store.reserveBudget({ runId: 'r1', jobId: 'j1', usd: 1, maxUsd: 2 });
    const items = await client.send(
      new QueryCommand({
        TableName: shared.table,
        KeyConditionExpression: 'PK = :pk',
        ExpressionAttributeValues: { ':pk': { S: 'RUN#r1' } },
      }),
    );
    const indexed = (items.Items ?? []).filter((item) => Object.keys(item).some((name) => /^(RUNS|LB)_/.test(name)));
    expect(items.Items).toHaveLength(6);
    expect(indexed.map(({ SK }) => SK?.S)).toEqual(['META']);
  });
});
