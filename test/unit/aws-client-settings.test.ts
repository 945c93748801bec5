/** No client of the AWS SDK waits for ever: its settings against an endpoint that takes connections and says nothing. */
import { readdirSync, readFileSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb';
import { GetObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CLI_CLIENT, clientSettings, DRIVER_CLIENT, FUNCTION_CLIENT } from '../../lib/compose/aws-client-settings.ts';

const FACTS = { region: 'us-east-1', credentials: { accessKeyId: 'x', secretAccessKey: 'y' } };
const impatient = clientSettings({ maxAttempts: 2, answerMs: 200, silenceMs: 200 });

describe('an endpoint that hangs', () => {
  let server: Server;
  let requests = 0;
  let answer = '';
  const open = new Set<Socket>();
  beforeEach(async () => {
    requests = 0;
    server = createServer((socket) => {
      open.add(socket);
      socket.on('error', () => {});
      socket.on('data', () => {
        requests += 1;
        socket.write(answer);
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  });
  afterEach(async () => {
    for (const socket of open) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  });
  const endpoint = (): string => {
    const address = server.address();
    return typeof address === 'object' && address !== null ? `http://127.0.0.1:${address.port}` : '';
  };

  it('without an answer is tried as often as the settings say, then given up', async () => {
    answer = '';
    const client = new DynamoDBClient({ ...FACTS, ...impatient, endpoint: endpoint() });
    const asked = client.send(new GetItemCommand({ TableName: 't', Key: { PK: { S: 'a' } } }));
    await expect(asked).rejects.toMatchObject({ name: 'TimeoutError', $metadata: { attempts: 2 } });
    expect(requests).toBe(2);
    client.destroy();
  });

  it('in the middle of a body breaks the read', async () => {
    answer = 'HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\nbegun';
    const client = new S3Client({ ...FACTS, ...impatient, endpoint: endpoint(), forcePathStyle: true });
    const { Body } = await client.send(new GetObjectCommand({ Bucket: 'b', Key: 'k' }));
    await expect(Body?.transformToByteArray()).rejects.toMatchObject({ name: 'TimeoutError' });
    client.destroy();
  });
});

describe('clients', () => {
  it.each([
    ['a function', FUNCTION_CLIENT],
    ['a driver', DRIVER_CLIENT],
    ['the CLI', CLI_CLIENT],
  ])('of %s state how long they wait and how often they try', (_, settings) => {
    const { connectionTimeout, requestTimeout, socketTimeout } = settings.requestHandler;
    for (const ms of [connectionTimeout, requestTimeout, socketTimeout]) expect(ms).toBeGreaterThan(0);
    expect(settings).toMatchObject({ retryMode: 'standard', requestHandler: { throwOnRequestTimeout: true } });
    expect(settings.maxAttempts).toBeGreaterThan(1);
  });

  it('are all made with such settings', () => {
    const folder = join(import.meta.dirname, '../../lib/compose');
    const made = readdirSync(folder).flatMap((file) =>
      [...readFileSync(join(folder, file), 'utf8').matchAll(/new \w+Client\(\{?([^;]*?)\}?\)/g)].map((match) => `${file}: ${match[1]}`),
    );
    expect(made.length).toBeGreaterThan(25);
    expect(made.filter((call) => !/FUNCTION_CLIENT|DRIVER_CLIENT|options|Options|\.\.\.rest|: chosen$/.test(call))).toEqual([]);
  });
});
