/**
 * Dollars set aside within a run: a counter of the run and a share of each job, changed together, so that a job is never counted twice
 * and the counter never exceeds the budget, whoever asks at the same time. Part of dynamo-run-store.ts.
 */
import { TransactionCanceledException } from '@aws-sdk/client-dynamodb';
import { z } from 'zod';
import type { BudgetReservation, BudgetStore } from '../../core/ports.ts';
import { TABLE_ATTRIBUTES, TABLE_KEYS } from '../../core/table-layout.ts';
import { backoff } from './backoff.ts';
import { type Item, itemOf, recordOf } from './dynamo-items.ts';
import { itemKeys, keyAttributes } from './dynamo-keys.ts';
import type { DynamoTable } from './dynamo-table.ts';
import { storeError } from './store-error.ts';

/** All jobs of a run meet at one counter: fifty at once need a few rounds. */
const TRIES = 40;
const RESERVED = TABLE_ATTRIBUTES.reservedMicroUsd;
const shareSchema = z.object({ usd: z.number().nonnegative() });

export function dynamoBudgetStore(table: DynamoTable): BudgetStore {
  return {
    reserveBudget: async (reservation) => {
      // More than the whole budget cannot be told from an empty counter by the counter's condition.
      if (microUsd(reservation.usd) > microUsd(reservation.maxUsd)) return hasShare(table, reservation);
      for (let tries = 1; ; tries++) {
        try {
          await reserve(table, reservation);
          return true;
        } catch (error) {
          if (!(error instanceof TransactionCanceledException)) throw error;
          const [share, counter] = (error.CancellationReasons ?? []).map(({ Code }) => Code);
          if (share === 'ConditionalCheckFailed') return true;
          if (counter === 'ConditionalCheckFailed') return false;
          if (tries >= TRIES) throw storeError(error, `reserve budget for ${reservation.runId}`);
          await backoff(tries);
        }
      }
    },
    settleBudget: async ({ runId, jobId, usd }) => {
      for (let tries = 1; ; tries++) {
        const before = await table.get(itemKeys.budgetShare(runId, jobId));
        if (before === null) return;
        const changed = microUsd(usd) - microUsd(recordOf(shareSchema, before).usd);
        if (changed === 0) return;
        try {
          await settle(table, { runId, jobId, usd }, before, changed);
          return;
        } catch (error) {
          if (!(error instanceof TransactionCanceledException)) throw error;
          if (tries >= TRIES) throw storeError(error, `settle the budget of ${jobId}`);
          await backoff(tries);
        }
      }
    },
  };
}

/** Together, and only upon the share that was read: a call that comes again changes nothing. */
async function settle(table: DynamoTable, { runId, jobId, usd }: Omit<BudgetReservation, 'maxUsd'>, before: Item, microUsdMore: number) {
  const share = itemOf(itemKeys.budgetShare(runId, jobId), { usd });
  await table.transact((TableName) => [
    {
      Put: {
        ...{ TableName, Item: share, ConditionExpression: '#record = :before' },
        ExpressionAttributeNames: { '#record': TABLE_ATTRIBUTES.record },
        ExpressionAttributeValues: { ':before': before[TABLE_ATTRIBUTES.record] ?? { NULL: true } },
      },
    },
    {
      Update: {
        ...{ TableName, Key: keyAttributes(itemKeys.budget(runId)), UpdateExpression: `ADD ${RESERVED} :more` },
        ExpressionAttributeValues: { ':more': { N: String(microUsdMore) } },
      },
    },
  ]);
}

async function hasShare(table: DynamoTable, { runId, jobId }: BudgetReservation): Promise<boolean> {
  return (await table.get(itemKeys.budgetShare(runId, jobId))) !== null;
}

async function reserve(table: DynamoTable, { runId, jobId, usd, maxUsd }: BudgetReservation): Promise<void> {
  const share = itemOf(itemKeys.budgetShare(runId, jobId), { usd });
  await table.transact((TableName) => [
    { Put: { TableName, Item: share, ConditionExpression: `attribute_not_exists(${TABLE_KEYS.partition})` } },
    {
      Update: {
        TableName,
        Key: keyAttributes(itemKeys.budget(runId)),
        UpdateExpression: `ADD ${RESERVED} :usd`,
        ConditionExpression: `attribute_not_exists(${RESERVED}) OR ${RESERVED} <= :room`,
        ExpressionAttributeValues: {
          ':usd': { N: String(microUsd(usd)) },
          ':room': { N: String(microUsd(maxUsd) - microUsd(usd)) },
        },
      },
    },
  ]);
}

/** Whole millionths: sums of dollars are then exact. */
function microUsd(usd: number): number {
  if (!Number.isFinite(usd) || usd < 0) throw new RangeError(`a budget of ${usd} dollars; expected 0 or more`);
  return Math.round(usd * 1e6);
}
