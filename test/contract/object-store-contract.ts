/** What every ObjectStore does. Each adapter's test file calls this with a way to make an empty store. */
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { ObjectStore } from '../../lib/core/ports.ts';

const text = (bytes: Uint8Array | null): string | null => (bytes === null ? null : Buffer.from(bytes).toString('utf8'));

async function collect(parts: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const part of parts) chunks.push(part);
  return Buffer.concat(chunks).toString('utf8');
}

async function fileWith(content: string): Promise<string> {
  const path = join(await mkdtemp(join(tmpdir(), 'bakeoff-object-')), 'file');
  await writeFile(path, content);
  return path;
}

export function objectStoreContract(name: string, makeStore: () => Promise<ObjectStore>): void {
  describe(`${name} as an object store`, () => {
    it('gives back what was put, byte for byte', async () => {
      const store = await makeStore();
      const body = Uint8Array.from({ length: 256 }, (_, index) => index);
      expect(await store.put('runs/r1/plan.json', body)).toBe(true);
      expect(Buffer.from((await store.get('runs/r1/plan.json'))!).equals(Buffer.from(body))).toBe(true);
    });

    it('has null for what is not there, and says so when it is streamed', async () => {
      const store = await makeStore();
      expect(await store.get('runs/none')).toBeNull();
      await expect(collect(store.read('runs/none'))).rejects.toMatchObject({ code: 'object-missing' });
      await expect(store.localPath('runs/none')).rejects.toMatchObject({ code: 'object-missing' });
    });

    it('replaces by default, and never with ifAbsent', async () => {
      const store = await makeStore();
      await store.put('a/b', 'one');
      expect(await store.put('a/b', 'two')).toBe(true);
      expect(await store.put('a/b', 'three', { ifAbsent: true })).toBe(false);
      expect(text(await store.get('a/b'))).toBe('two');
    });

    it('lets exactly one of twenty concurrent writers win', async () => {
      const store = await makeStore();
      const won = await Promise.all(Array.from({ length: 20 }, (_, n) => store.put('race/key', `writer ${n}`, { ifAbsent: true })));
      expect(won.filter(Boolean)).toHaveLength(1);
      expect(text(await store.get('race/key'))).toBe(`writer ${won.indexOf(true)}`);
    });

    it('takes a file over, and leaves an existing object alone when told', async () => {
      const store = await makeStore();
      expect(await store.putFile('cache/sha256/abc', await fileWith('first'), { ifAbsent: true })).toBe(true);
      expect(await store.putFile('cache/sha256/abc', await fileWith('second'), { ifAbsent: true })).toBe(false);
      expect(text(await store.get('cache/sha256/abc'))).toBe('first');
    });

    it('reads a range of bytes', async () => {
      const store = await makeStore();
      await store.put('a/lines', 'alpha\nbeta\ngamma\n');
      expect(await collect(store.read('a/lines', { startByte: 6, endByte: 10 }))).toBe('beta');
      expect(await collect(store.read('a/lines', { startByte: 6, endByte: 6 }))).toBe('');
    });

    it('lists below a prefix, sorted, and nothing beside it', async () => {
      const store = await makeStore();
      for (const key of ['p/1-10.jsonl', 'p/1-2.jsonl', 'p/deep/er', 'pq/other']) await store.put(key, 'x');
      expect(await store.list('p/')).toEqual(['p/1-10.jsonl', 'p/1-2.jsonl', 'p/deep/er']);
      expect(await store.list('nothing/')).toEqual([]);
    });

    it('forgets what was removed, and does not mind removing twice', async () => {
      const store = await makeStore();
      await store.put('a/b', 'x');
      await store.remove('a/b');
      await store.remove('a/b');
      expect(await store.get('a/b')).toBeNull();
    });

    it.each(['../up', '/root', 'a//b', 'a/../b', 'a/.hidden', '', 'a/b\0', 'a\\b', `a/${'x'.repeat(300)}`])(
      'refuses the key %j',
      async (key) => {
        const store = await makeStore();
        await expect((async () => store.put(key, 'x'))()).rejects.toMatchObject({ code: 'bad-key' });
      },
    );
  });
}
