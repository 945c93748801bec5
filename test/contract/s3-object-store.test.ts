/** The S3 adapter keeps the object store's contract on MiniStack; what MiniStack cannot answer comes from recorded answers of S3. */
import { randomUUID } from 'node:crypto';
import { createServer, type RequestListener, type Server } from 'node:http';
import { mkdtemp, readdir, readFile, stat, truncate, writeFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { CreateBucketCommand, ListMultipartUploadsCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { s3ObjectStore } from '../../lib/adapters/aws/s3-object-store.ts';
import type { ObjectStore } from '../../lib/core/ports.ts';
import { type MiniStack, startMiniStack } from '../emulator/ministack.ts';
import { objectStoreContract } from './object-store-contract.ts';

let emulator: MiniStack;
let client: S3Client;
beforeAll(async () => {
  emulator = await startMiniStack();
  client = new S3Client(emulator.clientConfig);
});
afterAll(async () => {
  client.destroy();
  await emulator.stop();
});

const emptyFolder = (): Promise<string> => mkdtemp(join(tmpdir(), 'bakeoff-copies-'));

async function newStore(): Promise<{ store: ObjectStore; bucket: string; folder: string }> {
  const bucket = `store-${randomUUID()}`;
  await client.send(new CreateBucketCommand({ Bucket: bucket }));
  const folder = join(await emptyFolder(), 'made-when-needed');
  return { store: s3ObjectStore({ client, bucket, folder }), bucket, folder };
}

async function collect(parts: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const part of parts) chunks.push(part);
  return Buffer.concat(chunks).toString('utf8');
}

objectStoreContract('a bucket', async () => (await newStore()).store);

describe('a bucket', () => {
  it('lists more keys than one answer holds, in the order of their bytes', async () => {
    const { store } = await newStore();
    const written = Array.from({ length: 1_100 }, (_, n) => `many/${n % 2 === 0 ? 'a' : 'B'}-${n}`);
    for (let at = 0; at < written.length; at += 50)
      await Promise.all(written.slice(at, at + 50).map((key) => store.put(key, 'x', { ifAbsent: true })));
    const sorted = [...written].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
    expect(await store.list('many/')).toEqual(sorted);
  });

  it('does not list what others put there under names that are no keys', async () => {
    const { store, bucket } = await newStore();
    for (const Key of ['p/', 'p/.hidden', 'p/sp ace', 'p/a/../../up', 'p/ü', 'p/good'])
      await client.send(new PutObjectCommand({ Bucket: bucket, Key, Body: 'x' }));
    expect(await store.list('p/')).toEqual(['p/good']);
  });

  it('takes over a file of several parts, whole or not at all, and only once', async () => {
    const { store, bucket } = await newStore();
    const folder = await emptyFolder();
    const paths = ['one', 'two', 'three'].map((name) => join(folder, name));
    for (const [n, path] of paths.entries()) {
      await writeFile(path, `file ${n}`);
      await truncate(path, 40 << 20);
    }
    const made = await Promise.all(paths.map((path) => store.putFile('outputs/large.mp4', path, { ifAbsent: true })));
    expect(made.filter(Boolean)).toHaveLength(1);
    expect(await readdir(folder)).toEqual([]);
    expect(await collect(store.read('outputs/large.mp4', { startByte: 0, endByte: 6 }))).toBe(`file ${made.indexOf(true)}`);
    const copy = await store.localPath('outputs/large.mp4');
    expect((await stat(copy)).size).toBe(40 << 20);
    const open = await client.send(new ListMultipartUploadsCommand({ Bucket: bucket }));
    expect(open.Uploads ?? []).toEqual([]);
  });

  it('copies an object once to a path that others may read, and again when the copy was removed', async () => {
    const { store, bucket, folder } = await newStore();
    await store.put('runs/r/clip.mp4', 'first');
    const [path, same] = await Promise.all([store.localPath('runs/r/clip.mp4'), store.localPath('runs/r/clip.mp4')]);
    expect([path, same]).toEqual([join(folder, 'runs/r/clip.mp4'), path]);
    expect(await readFile(path, 'utf8')).toBe('first');
    expect((await stat(path)).mode & 0o777).toBe(0o644);
    await client.send(new PutObjectCommand({ Bucket: bucket, Key: 'runs/r/clip.mp4', Body: 'second' }));
    expect(await readFile(await store.localPath('runs/r/clip.mp4'), 'utf8')).toBe('first');
    expect(await readdir(folder)).toEqual(['runs']);
  });

  it('leaves no half of a copy behind for what is not there', async () => {
    const { store, folder } = await newStore();
    await expect(store.localPath('runs/none')).rejects.toMatchObject({ code: 'object-missing' });
    expect(await readdir(folder, { recursive: true })).toEqual(['runs']);
  });

  it('reads nothing behind the end, and the rest when the range is longer', async () => {
    const { store } = await newStore();
    await store.put('a', '0123456789');
    expect(await collect(store.read('a', { startByte: 10, endByte: 20 }))).toBe('');
    expect(await collect(store.read('a', { startByte: 8, endByte: 20 }))).toBe('89');
  });

  it('keeps an empty object', async () => {
    const { store } = await newStore();
    await store.put('empty', '');
    expect(await store.get('empty')).toHaveLength(0);
    expect(await collect(store.read('empty'))).toBe('');
  });

  it('says which bucket is missing', async () => {
    const store = s3ObjectStore({ client, bucket: `none-${randomUUID()}`, folder: await emptyFolder() });
    await expect(store.put('a', 'x')).rejects.toMatchObject({ code: 'store-missing', kind: 'environment' });
    await expect(store.list('a/')).rejects.toMatchObject({ code: 'store-missing' });
  });
});

describe('answers of S3 that the emulator does not give', () => {
  let server: Server | null = null;
  afterEach(() => {
    server?.closeAllConnections();
    server?.close();
  });

  /** A store before a server that gives the answers that S3 has documented for these cases. */
  async function storeAnswered(listener: RequestListener): Promise<ObjectStore> {
    server = createServer(listener);
    await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const stub = new S3Client({ ...emulator.clientConfig, endpoint: `http://127.0.0.1:${port}`, maxAttempts: 2 });
    return s3ObjectStore({ client: stub, bucket: 'bucket', folder: await emptyFolder() });
  }
  const errorBody = (code: string, more = ''): string =>
    `<?xml version="1.0"?><Error><Code>${code}</Code><Message>${code} said S3</Message>${more}<RequestId>4442587FB7D0A2F9</RequestId></Error>`;
  const listing = (keys: readonly string[]): string =>
    `<?xml version="1.0"?><ListBucketResult>${keys.map((key) => `<Contents><Key>${key}</Key></Contents>`).join('')}</ListBucketResult>`;

  it('tries a conditional write again when another one was on its way', async () => {
    let asked = 0;
    const store = await storeAnswered((request, response) => {
      request.resume().on('end', () => {
        asked += 1;
        response.writeHead(asked < 3 ? 409 : 412).end(errorBody(asked < 3 ? 'ConditionalRequestConflict' : 'PreconditionFailed'));
      });
    });
    expect(await store.put('a', 'x', { ifAbsent: true })).toBe(false);
    expect(asked).toBe(3);
  });

  it.each([true, false])('knows whether the write was its own when the first answer was lost (%s)', async (own) => {
    let writer = '';
    let puts = 0;
    const store = await storeAnswered((request, response) => {
      request.resume().on('end', () => {
        if (request.method === 'HEAD') response.writeHead(200, { 'x-amz-meta-writer': writer }).end();
        else if (++puts === 1) {
          writer = own ? String(request.headers['x-amz-meta-writer']) : randomUUID();
          response.writeHead(500).end(errorBody('InternalError'));
        } else response.writeHead(412).end(errorBody('PreconditionFailed'));
      });
    });
    expect(await store.put('a', 'x', { ifAbsent: true })).toBe(own);
  });

  it('takes 403 for missing only when the listing does not know the key', async () => {
    let listed: readonly string[] = [];
    const store = await storeAnswered((request, response) => {
      if (request.url?.includes('list-type=2')) response.writeHead(200).end(listing(listed));
      else response.writeHead(403).end(errorBody('AccessDenied'));
    });
    expect(await store.get('a')).toBeNull();
    await expect(collect(store.read('a'))).rejects.toMatchObject({ code: 'object-missing' });
    listed = ['a'];
    await expect(store.get('a')).rejects.toMatchObject({ code: 'store-unwritable' });
    listed = ['a-longer-one'];
    expect(await store.get('a')).toBeNull();
  });

  it('goes on behind the last byte when the connection breaks', async () => {
    const body = 'x'.repeat(1_000) + 'y'.repeat(1_000);
    const ranges: (string | undefined)[] = [];
    const store = await storeAnswered((request, response) => {
      const { range } = request.headers;
      ranges.push(range);
      const start = Number(/bytes=(\d+)-/.exec(range ?? 'bytes=0-')?.[1]);
      response.writeHead(range === undefined ? 200 : 206, { 'content-length': body.length - start, etag: '"e1"' });
      if (ranges.length > 1) response.end(body.slice(start));
      else response.write(body.slice(0, 1_000), () => setTimeout(() => response.destroy(), 50));
    });
    expect(Buffer.from((await store.get('a'))!).toString()).toBe(body);
    expect(ranges).toEqual([undefined, 'bytes=1000-']);
  });

  it('tells throttling and refused signatures without what was signed', async () => {
    let code = 'SlowDown';
    const store = await storeAnswered((request, response) => {
      request.resume().on('end', () => {
        const signed = '<AWSAccessKeyId>AKIASECRET</AWSAccessKeyId><StringToSign>AWS4-HMAC SIGNED</StringToSign>';
        response.writeHead(code === 'SlowDown' ? 503 : 403).end(errorBody(code, signed));
      });
    });
    await expect(store.put('a', 'x')).rejects.toMatchObject({ code: 'store-busy', kind: 'environment' });
    code = 'SignatureDoesNotMatch';
    const refused: unknown = await store.put('a', 'x').catch((error: unknown) => error);
    expect(refused).toMatchObject({ code: 'aws-credentials-refused' });
    expect(inspect(refused, { depth: 10, showHidden: true })).not.toMatch(/AKIASECRET|SIGNED/);
  });
});
