/** What the DynamoDB adapters make of answers that the emulator does not give: throttling, halves of batches, transactions that meet. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { inspect } from 'node:util';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { afterEach, expect, it } from 'vitest';
import { dynamoRunIndex } from '../../lib/adapters/aws/dynamo-run-index.ts';
import { dynamoRunStore } from '../../lib/adapters/aws/dynamo-run-store.ts';
import { runRecord } from './contract-records.ts';

interface Asked {
  readonly operation: string;
  readonly body: Record<string, unknown>;
}
type Answer = { readonly status: number; readonly body: unknown };

let server: Server | null = null;
afterEach(() => {
  server?.closeAllConnections();
  server?.close();
});

const fault = (name: string, more: object = {}): Answer => ({
  status: 400,
  body: { __type: `com.amazonaws.dynamodb.v20120810#${name}`, message: `${name} said DynamoDB`, ...more },
});
const cancelled = (...codes: readonly string[]): Answer =>
  fault('TransactionCanceledException', { CancellationReasons: codes.map((Code) => ({ Code })) });
const done = (body: unknown = {}): Answer => ({ status: 200, body });

/** A client of a server that answers as `answer` says; the SDK itself tries once. */
async function clientAnswered(answer: (asked: Asked, n: number) => Answer): Promise<{ client: DynamoDBClient; asked: Asked[] }> {
  const asked: Asked[] = [];
  server = createServer((request, response) => {
    let text = '';
    request.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
    });
    request.on('end', () => {
      asked.push({ operation: String(request.headers['x-amz-target']).split('.')[1] ?? '', body: JSON.parse(text) });
      const { status, body } = answer(asked.at(-1)!, asked.length);
      response.writeHead(status, { 'content-type': 'application/x-amz-json-1.0' }).end(JSON.stringify(body));
    });
  });
  await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve));
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const credentials = { accessKeyId: 'AKIASECRET', secretAccessKey: 'SECRET' };
  return { client: new DynamoDBClient({ endpoint, region: 'us-east-1', credentials, maxAttempts: 1 }), asked };
}

const share = { runId: 'r1', jobId: 'j1', usd: 1, maxUsd: 10 };

it.each(['ProvisionedThroughputExceededException', 'ThrottlingException', 'TransactionConflictException'])('waits %s out', async (name) => {
  const { client, asked } = await clientAnswered((_, n) => (n < 4 ? fault(name) : done()));
  expect(await dynamoRunStore({ client, table: 't' }).createRun(runRecord('r1'))).toBe(true);
  expect(asked).toHaveLength(4);
});

it('gives up on a table that stays throttled, and says what to do', async () => {
  const { client, asked } = await clientAnswered(() => fault('ThrottlingException'));
  await expect(dynamoRunStore({ client, table: 't' }).getRun('r1')).rejects.toMatchObject({ code: 'store-busy', kind: 'environment' });
  expect(asked).toHaveLength(8);
});

it('does not try again what a right forbids, and names it without credentials', async () => {
  const { client, asked } = await clientAnswered(() => fault('AccessDeniedException'));
  const error: unknown = await dynamoRunStore({ client, table: 't' })
    .getRun('r1')
    .catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ code: 'store-unwritable', message: expect.stringContaining('AccessDeniedException said DynamoDB') });
  expect(inspect(error, { depth: 10, showHidden: true })).not.toMatch(/AKIASECRET|Signature/);
  expect(asked).toHaveLength(1);
});

it('writes again the half of a batch that was left over', async () => {
  const written: string[] = [];
  const { client } = await clientAnswered(({ operation, body }, n) => {
    if (operation === 'Query')
      return done({ Items: ['a', 'b', 'c'].map((sort) => ({ PK: { S: 'RUN#r1' }, SK: { S: `RESULT#${sort}` } })) });
    const [table, requests] = Object.entries(body.RequestItems as Record<string, { DeleteRequest: { Key: { SK: { S: string } } } }[]>)[0]!;
    const taken = n === 2 ? requests.slice(0, 1) : requests;
    written.push(...taken.map(({ DeleteRequest }) => DeleteRequest.Key.SK.S));
    return done({ UnprocessedItems: n === 2 ? { [table]: requests.slice(1) } : {} });
  });
  await dynamoRunIndex({ client, table: 't' }).putResults('r1', []);
  expect(written).toEqual(['RESULT#a', 'RESULT#b', 'RESULT#c']);
});

it.each([
  [['None', 'TransactionConflict'], 3],
  [['TransactionConflict', 'None'], 3],
  [['None', 'ThrottlingError'], 3],
])('reserves again after %j', async (codes, tries) => {
  const { client, asked } = await clientAnswered((_, n) => (n < tries ? cancelled(...codes) : done()));
  expect(await dynamoRunStore({ client, table: 't' }).reserveBudget(share)).toBe(true);
  expect(asked.map(({ operation }) => operation)).toEqual(Array.from({ length: tries }, () => 'TransactWriteItems'));
});

it.each([
  ['there is no room left', ['None', 'ConditionalCheckFailed'], false],
  ['the job has its share', ['ConditionalCheckFailed', 'None'], true],
  ['the job has its share and no room is left', ['ConditionalCheckFailed', 'ConditionalCheckFailed'], true],
])('decides at once when %s', async (_, codes, expected) => {
  const { client, asked } = await clientAnswered(() => cancelled(...codes));
  expect(await dynamoRunStore({ client, table: 't' }).reserveBudget(share)).toBe(expected);
  expect(asked).toHaveLength(1);
});

it('knows its own write by the answer to the try that came after it', async () => {
  let writer: unknown = null;
  const { client } = await clientAnswered(({ body }, n) => {
    if (n === 1) {
      writer = (body.Item as Record<string, unknown>).writer;
      return fault('InternalServerError');
    }
    return fault('ConditionalCheckFailedException', { Item: { writer } });
  });
  expect(await dynamoRunStore({ client, table: 't' }).createRun(runRecord('r1'))).toBe(true);
});
