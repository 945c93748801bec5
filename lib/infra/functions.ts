/**
 * The eleven functions of the service with their sizes. Rights come later, from the constructs that hand themselves to them
 * (lib/infra/function-rights.ts says which gets what). lib/infra/service-stack.ts makes them.
 */
import type { RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import { ServiceFunction } from './service-function.ts';

interface FunctionFacts {
  readonly description: string;
  /** More memory is more CPU: 1,769 MiB is one core. */
  readonly memoryMiB: number;
  /** At most what the caller waits: 900 s for a step, 30 s for API Gateway. */
  readonly timeoutSeconds: number;
  /** Minutes that an event stays worth trying; only for functions that events call. */
  readonly maxAgeMinutes?: number;
}

export const FUNCTION_NAMES = [
  ...(['launcher', 'plan', 'advance', 'score', 'report', 'settle', 'api', 'register-model'] as const),
  ...(['spot-interruption', 'instance-lifecycle', 'registration-check'] as const),
] as const;
export type FunctionName = (typeof FUNCTION_NAMES)[number];

const FACTS: Readonly<Record<FunctionName, FunctionFacts>> = {
  launcher: { description: 'Starts a run for a spec that was uploaded', memoryMiB: 1024, timeoutSeconds: 120, maxAgeMinutes: 360 },
  plan: { description: 'Plans the jobs of a run and where they run', memoryMiB: 1769, timeoutSeconds: 900 },
  advance: { description: 'Decides what a job does next', memoryMiB: 512, timeoutSeconds: 300 },
  score: { description: 'Computes the scores of a job', memoryMiB: 3008, timeoutSeconds: 900 },
  report: { description: 'Writes the report of a run', memoryMiB: 3008, timeoutSeconds: 900 },
  settle: { description: 'Ends a run that an error or a stop has cut off', memoryMiB: 512, timeoutSeconds: 300, maxAgeMinutes: 360 },
  api: { description: 'Answers the routes of the API', memoryMiB: 1024, timeoutSeconds: 29 },
  'register-model': { description: 'Registers an image as a model', memoryMiB: 1024, timeoutSeconds: 29 },
  // The machine is gone two minutes after the warning.
  'spot-interruption': {
    description: 'Stops the tasks of an instance that Spot takes back',
    memoryMiB: 512,
    timeoutSeconds: 60,
    maxAgeMinutes: 2,
  },
  'instance-lifecycle': { description: 'Notes when instances come and go', memoryMiB: 512, timeoutSeconds: 60, maxAgeMinutes: 360 },
  'registration-check': { description: 'Looks whether a new instance has joined the cluster', memoryMiB: 512, timeoutSeconds: 60 },
};

export interface FunctionsProps {
  readonly functionsFolder: string;
  readonly logRetentionDays: RetentionDays;
  readonly deadLetters: IQueue;
}

export type Functions = Readonly<Record<FunctionName, ServiceFunction>>;

export function makeFunctions(scope: Construct, props: FunctionsProps): Functions {
  const make = (name: FunctionName) => {
    const { maxAgeMinutes, ...facts } = FACTS[name];
    const asynchronous = maxAgeMinutes === undefined ? {} : { asynchronous: { deadLetters: props.deadLetters, maxAgeMinutes } };
    const { functionsFolder, logRetentionDays } = props;
    return new ServiceFunction(scope, idOf(name), { name, ...facts, functionsFolder, logRetentionDays, ...asynchronous });
  };
  return {
    launcher: make('launcher'),
    plan: make('plan'),
    advance: make('advance'),
    score: make('score'),
    report: make('report'),
    settle: make('settle'),
    api: make('api'),
    'register-model': make('register-model'),
    'spot-interruption': make('spot-interruption'),
    'instance-lifecycle': make('instance-lifecycle'),
    'registration-check': make('registration-check'),
  };
}

/** `spot-interruption` -> `SpotInterruption`. */
function idOf(name: string): string {
  return name
    .split('-')
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join('');
}
