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

    it('gives one job one share when it asks many times at once', async () => {
      const store = await makeStore();
      const asked = await Promise.all(Array.from({ length: 20 }, () => store.reserveBudget(share('j1', 6, 10))));
      expect(asked.every(Boolean)).toBe(true);
      expect(await store.reserveBudget(share('j2', 4, 10))).toBe(true);
      expect(await store.reserveBudget(share('j3', 0.01, 10))).toBe(false);
    });
  });
}
