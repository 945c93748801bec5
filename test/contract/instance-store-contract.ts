/** What every InstanceStore does. Each adapter's test file calls this with a way to make an empty store. */
import { describe, expect, it } from 'vitest';
import type { InstanceRecord } from '../../lib/core/instance-record.ts';
import type { InstanceStore } from '../../lib/core/ports.ts';

const ALWAYS = { fromMs: 0, toMs: 1e15 };

const instance = (over: Partial<InstanceRecord> = {}): InstanceRecord => ({
  schema: 1,
  instanceId: 'i-0123456789abcdef0',
  instanceType: 'g6.xlarge',
  className: 'l4',
  market: 'spot',
  launchedAtMs: 1_000,
  terminatedAtMs: null,
  ...over,
});

function orders<T>(of: readonly T[]): T[][] {
  return of.length === 0 ? [[]] : of.flatMap((one, at) => orders(of.toSpliced(at, 1)).map((rest) => [one, ...rest]));
}

export function instanceStoreContract(name: string, makeStore: () => Promise<InstanceStore>): void {
  describe(`${name} as an instance store`, () => {
    it('comes to the same record in whatever order events arrive, and however often', async () => {
      const events = [
        instance(),
        instance({ className: null }),
        instance({ terminatedAtMs: 5_000 }),
        instance({ terminatedAtMs: 5_400, className: null }),
      ];
      for (const order of orders(events)) {
        const store = await makeStore();
        for (const event of [...order, ...order.slice(0, 2)]) await store.putInstance(event);
        expect(await store.listInstances(ALWAYS)).toEqual([instance({ terminatedAtMs: 5_000 })]);
      }
    });

    it('loses none of ten events at the same moment', async () => {
      const store = await makeStore();
      const events = Array.from({ length: 10 }, (_, n) =>
        instance({ terminatedAtMs: n === 9 ? null : 9_000 - n, launchedAtMs: 1_000 + n }),
      );
      await Promise.all(events.map((event) => store.putInstance(event)));
      expect(await store.listInstances(ALWAYS)).toEqual([instance({ terminatedAtMs: 8_992, launchedAtMs: 1_000 })]);
    });

    it('lists those that were there at some moment of a period', async () => {
      const store = await makeStore();
      const lives = { 'i-00000001': [100, 200], 'i-00000002': [150, null], 'i-00000003': [300, 400], 'i-00000004': [50, 100] } as const;
      for (const [instanceId, [launchedAtMs, terminatedAtMs]] of Object.entries(lives))
        await store.putInstance(instance({ instanceId, launchedAtMs, terminatedAtMs }));
      const seen = async (fromMs: number, toMs: number) =>
        (await store.listInstances({ fromMs, toMs })).map(({ instanceId }) => Number(instanceId.at(-1)));
      expect(await seen(0, 1_000)).toEqual([1, 2, 3, 4]);
      expect(await seen(100, 150)).toEqual([1]);
      expect(await seen(199.5, 300)).toEqual([1, 2]);
      expect(await seen(200, 301)).toEqual([2, 3]);
      expect(await seen(400, 401)).toEqual([2]);
      expect(await seen(0, 50)).toEqual([]);
    });
  });
}
