/** The verdict on two jobs of a joint ranking, from the draws of their difference. Used by win-rates.ts and strengths.ts. */
import type { SuiteColumns } from '../columns.ts';
import { TOTAL_NAME } from '../composite.ts';
import type { Comparison } from '../scores.ts';
import type { Spread } from './item-draws.ts';

export interface CommonSlots {
  readonly items: number;
  readonly slots: number;
}

/** Slots, and the items behind them, that are marked in both. */
export function slotsInCommon(a: Uint8Array, b: Uint8Array, { itemCount, repeats }: SuiteColumns): CommonSlots {
  let [items, slots] = [0, 0];
  for (let item = 0; item < itemCount; item++) {
    const before = slots;
    for (let slot = item * repeats; slot < (item + 1) * repeats; slot++) if (a[slot] === 1 && b[slot] === 1) slots++;
    if (slots > before) items++;
  }
  return { items, slots };
}

export interface JointPair {
  readonly a: string;
  readonly b: string;
  readonly difference: number;
  readonly spread: Spread;
  readonly common: CommonSlots;
  readonly suite: SuiteColumns;
  /** Why the winner's place does not survive its failed samples at their worst and the loser's at their best; null where it does. */
  readonly weakness: (winner: 'a' | 'b') => string | null;
}

/** More is better in every joint score. */
export function jointVerdict({ a, b, difference, spread, common, suite, weakness }: JointPair): Comparison {
  const head = {
    metric: TOTAL_NAME,
    a,
    b,
    difference,
    interval: spread.interval,
    commonItems: common.items,
    leftOut: suite.itemCount * suite.repeats - common.slots,
  };
  if (spread.sign === 0) {
    const reason = spread.interval === null ? `no interval: ${spread.intervalReason}` : 'the interval of the difference spans 0';
    return { ...head, verdict: 'not separable', reason };
  }
  const winner = spread.sign === 1 ? 'a' : 'b';
  const reason = weakness(winner);
  return reason === null ? { ...head, verdict: winner, reason: null } : { ...head, verdict: 'not separable', reason };
}

export const COULD_TURN = 'samples without a value could turn it';
