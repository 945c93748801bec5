/**
 * A budget of AWS for the month, which tells the alarms' topic at 80 % and at 100 %: docs/runbook.md#spend-above-budget. It stops nothing;
 * what a single run may spend is its spec's to say.
 */
import { Stack } from 'aws-cdk-lib';
import { CfnBudget } from 'aws-cdk-lib/aws-budgets';
import type { Construct } from 'constructs';
import { OWNER_TAG } from '../core/environment-names.ts';

export interface SpendBudgetProps {
  readonly monthlyUsd: number;
  /** `tag` counts only what carries our tag, once that is a cost allocation tag. */
  readonly scope: 'account' | 'tag';
  readonly topicArn: string;
}

export function spendBudget(scope: Construct, id: string, props: SpendBudgetProps): CfnBudget {
  const owner = Stack.of(scope).stackName;
  const notification = (threshold: number): CfnBudget.NotificationWithSubscribersProperty => ({
    notification: { notificationType: 'ACTUAL', comparisonOperator: 'GREATER_THAN', threshold, thresholdType: 'PERCENTAGE' },
    subscribers: [{ subscriptionType: 'SNS', address: props.topicArn }],
  });
  return new CfnBudget(scope, id, {
    budget: {
      // Without a name of ours: one is taken for all Regions of an account, and by the old budget while a new one replaces it.
      budgetType: 'COST',
      timeUnit: 'MONTHLY',
      budgetLimit: { amount: props.monthlyUsd, unit: 'USD' },
      ...(props.scope === 'tag' ? { costFilters: { TagKeyValue: [`user:${OWNER_TAG}$${owner}`] } } : {}),
    },
    notificationsWithSubscribers: [notification(80), notification(100)],
  });
}
