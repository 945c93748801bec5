/** What every ModelStore does. Each adapter's test file calls this with a way to make an empty store. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { modelManifestSchema } from '../../lib/core/manifest.ts';
import type { ModelStore } from '../../lib/core/ports.ts';
import type { RegisteredImage } from '../../lib/core/result-record.ts';

const manifest = modelManifestSchema.parse(parse(readFileSync(join(import.meta.dirname, '../../models/pocket-t2v/model.yaml'), 'utf8')));

const image = (id: string, over: Partial<RegisteredImage> = {}): RegisteredImage => ({
  schema: 1,
  version: 1,
  manifest: { ...manifest, id },
  image: `111122223333.dkr.ecr.us-east-1.amazonaws.com/${id}@sha256:${'a'.repeat(64)}`,
  imageDigest: 'a'.repeat(64),
  family: `bakeoff-${id}`,
  contentSha256: 'b'.repeat(64),
  taskDefinitionArn: `arn:aws:ecs:us-east-1:111122223333:task-definition/bakeoff-${id}:1`,
  registeredAtMs: 1,
  ...over,
});

export function modelStoreContract(name: string, makeStore: () => Promise<ModelStore>): void {
  describe(`${name} as a model store`, () => {
    it('gives back what was put, and null for what was not', async () => {
      const store = await makeStore();
      expect(await store.putImage(image('m1'))).toBe(true);
      expect(await store.getImage('m1')).toEqual(image('m1'));
      expect(await store.getImage('m2')).toBeNull();
    });

    it('lists all by id', async () => {
      const store = await makeStore();
      expect(await store.listImages()).toEqual([]);
      for (const id of ['b', 'a', 'c']) await store.putImage(image(id));
      expect((await store.listImages()).map((entry) => entry.manifest.id)).toEqual(['a', 'b', 'c']);
    });

    it('replaces only the version that was read', async () => {
      const store = await makeStore();
      expect(await store.putImage(image('m1', { version: 2 }))).toBe(false);
      expect(await store.putImage(image('m1'))).toBe(true);
      expect(await store.putImage(image('m1', { registeredAtMs: 2 }))).toBe(false);
      expect(await store.putImage(image('m1', { version: 3 }))).toBe(false);
      expect(await store.putImage(image('m1', { version: 2, registeredAtMs: 3 }))).toBe(true);
      expect((await store.getImage('m1'))?.registeredAtMs).toBe(3);
    });

    it('lets exactly one of twenty concurrent writers of a version win', async () => {
      const store = await makeStore();
      for (const version of [1, 2]) {
        const won = await Promise.all(Array.from({ length: 20 }, (_, n) => store.putImage(image('m1', { version, registeredAtMs: n }))));
        expect(won.filter(Boolean)).toHaveLength(1);
        expect((await store.getImage('m1'))?.registeredAtMs).toBe(won.indexOf(true));
      }
    });
  });
}
