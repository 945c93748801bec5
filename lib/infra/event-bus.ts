/** The bus that a run's events go to, for the team's own rules: the account's default one. Functions that publish are given it. */
import { Stack } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { ENVIRONMENT } from '../core/environment-names.ts';
import { RUN_EVENT_SOURCE } from '../core/run-event.ts';
import type { ServiceFunction } from './service-function.ts';

const BUS = 'default';

export interface RunEvents {
  /** Sets the variable, and lets the function publish under our source alone. */
  readonly giveTo: (fn: ServiceFunction) => void;
}

export function runEvents(scope: Construct): RunEvents {
  const bus = Stack.of(scope).formatArn({ service: 'events', resource: 'event-bus', resourceName: BUS });
  return {
    giveTo: (fn) => {
      fn.set(ENVIRONMENT.eventBus, BUS);
      fn.allow(['events:PutEvents'], [bus], { StringEquals: { 'events:source': RUN_EVENT_SOURCE } });
    },
  };
}
