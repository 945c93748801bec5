/** What every BudgetStore does. Each adapter's test file calls this with a way to make an empty store. */
import { describe, expect, it } from 'vitest';
import type { BudgetStore } from '../../lib/core/ports.ts';

const share = (jobId: string, usd: number, maxUsd: number, runId = 'r1') => ({ runId, jobId, usd, maxUsd });

export function budgetContract(name: string, makeStore: () => Promise<BudgetStore>): void {
  describe(`${name} as a budget store`, () => {
    it('lets a job in while its share fits beside those of the others, to the cent', async () => {
      const store = await makeStore();
      expect(await store.reserveBudget(share('j1', 0.1, 0.3))).toBe(true);
      expect(await store.reserveBudget(share('j2', 0.2, 0.3))).toBe(true);
      expect(await store.reserveBudget(share('j3', 0.000001, 0.3))).toBe(false);
      expect(await store.reserveBudget(share('free', 0, 0.3))).toBe(true);
    });

    it('gives a job its share once, and says so again', async () => {
      const store = await makeStore();
      expect(await store.reserveBudget(share('j1', 6, 10))).toBe(true);
      expect(await store.reserveBudget(share('j1', 6, 10))).toBe(true);
      expect(await store.reserveBudget(share('j1', 60, 10))).toBe(true);
      expect(await store.reserveBudget(share('j2', 4, 10))).toBe(true);
    });

    it('refuses more than the whole budget, also the first', async () => {
      const store = await makeStore();
      expect(await store.reserveBudget(share('j1', 10.000001, 10))).toBe(false);
      expect(await store.reserveBudget(share('j2', 10, 10))).toBe(true);
    });

    it('keeps the budgets of runs apart', async () => {
      const store = await makeStore();
      expect(await store.reserveBudget(share('j1', 10, 10, 'r1'))).toBe(true);
      expect(await store.reserveBudget(share('j1', 10, 10, 'r2'))).toBe(true);
    });

    it('never sets more aside than there is, whoever asks at the same time', async () => {
      const store = await makeStore();
      const asked = await Promise.all(Array.from({ length: 50 }, (_, n) => store.reserveBudget(share(`j${n}`, 0.7, 10))));
      expect(asked.filter(Boolean)).toHaveLength(14);
      const again = await Promise.all(Array.from({ length: 50 }, (_, n) => store.reserveBudget(share(`j${n}`, 0.7, 10))));
      expect(again).toEqual(asked);
    });

    it('takes back what a job has not spent, once, and what it spent above its share', async () => {
      const store = await makeStore();
      await store.reserveBudget(share('j1', 6, 10));
      await store.reserveBudget(share('j2', 4, 10));
      expect(await store.reserveBudget(share('j3', 5, 10))).toBe(false);

      for (let n = 0; n < 3; n += 1) await store.settleBudget({ runId: 'r1', jobId: 'j1', usd: 1 });
      expect(await store.reserveBudget(share('j3', 5.000001, 10))).toBe(false);
      expect(await store.reserveBudget(share('j3', 5, 10))).toBe(true);

      await store.settleBudget({ runId: 'r1', jobId: 'j2', usd: 40 });
      await store.settleBudget({ runId: 'r1', jobId: 'j3', usd: 0 });
      expect(await store.reserveBudget(share('j4', 0.01, 10))).toBe(false);
      expect(await store.reserveBudget(share('j1', 6, 10))).toBe(true);
    });

    it('has nothing to settle for a job that set nothing aside', async () => {
      const store = await makeStore();
      await store.settleBudget({ runId: 'r1', jobId: 'j1', usd: 9 });
      expect(await store.reserveBudget(share('j2', 10, 10))).toBe(true);
    });

    it('settles jobs that end at the same time, each by its own share', async () => {
      const store = await makeStore();
      const ids = Array.from({ length: 20 }, (_, n) => `j${n}`);
      await Promise.all(ids.map((id) => store.reserveBudget(share(id, 0.5, 10))));
      await Promise.all([...ids, ...ids].map((jobId) => store.settleBudget({ runId: 'r1', jobId, usd: 0.1 })));
      expect(await store.reserveBudget(share('next', 8.000001, 10))).toBe(false);
      expect(await store.reserveBudget(share('next', 8, 10))).toBe(true);
    });

    it('gives one job one share when it asks many times at once', async () => {
      const store = await makeStore();
      const asked = await Promise.all(Array.from({ length: 20 }, () => store.reserveBudget(share('j1', 6, 10))));
      expect(asked.every(Boolean)).toBe(true);
      expect(await store.reserveBudget(share('j2', 4, 10))).toBe(true);
      expect(await store.reserveBudget(share('j3', 0.01, 10))).toBe(false);
    });
  });
}
