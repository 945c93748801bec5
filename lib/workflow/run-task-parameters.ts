/**
 * `Parameters` of "Run task" on AWS: the only part of the workflow that knows where tasks run. Every value but the cluster comes from what
 * Advance answered. lib/infra puts them into the definition; small, because ECS bounds all overrides together to 8,192 characters.
 */
import { CONTAINERS, TASK_ENVIRONMENT } from '../core/environment-names.ts';

export interface RunTaskTarget {
  /** ARN of the cluster. */
  readonly cluster: string;
  /** `plain`: a cluster without capacity providers, such as an emulator's. */
  readonly capacity: 'providers' | 'plain';
}

const given = (name: string, field: string): Readonly<Record<string, string>> => ({ Name: name, 'Value.$': `$.step.task.${field}` });

const SHARED = [given(TASK_ENVIRONMENT.instance, 'instance'), given(TASK_ENVIRONMENT.port, 'port')];

const DRIVER = [
  given(TASK_ENVIRONMENT.run, 'runId'),
  given(TASK_ENVIRONMENT.job, 'jobId'),
  given(TASK_ENVIRONMENT.stage, 'stage'),
  given(TASK_ENVIRONMENT.attempt, 'attempt'),
  ...SHARED,
];

/** A class scales by its provider alone. One task a machine is the task definition's to see to (MACHINE_PORT). */
const ON_PROVIDERS = {
  CapacityProviderStrategy: [{ 'CapacityProvider.$': '$.step.task.capacityProvider', Weight: 1, Base: 0 }],
};

/** Tasks are found again by the driver's overridden environment: Step Functions owns `startedBy`. */
export function runTaskParameters({ cluster, capacity }: RunTaskTarget): Readonly<Record<string, unknown>> {
  return {
    Cluster: cluster,
    'TaskDefinition.$': '$.step.task.taskDefinitionArn',
    ...(capacity === 'providers' ? ON_PROVIDERS : { LaunchType: 'EC2' }),
    Group: 'bakeoff',
    PropagateTags: 'TASK_DEFINITION',
    Overrides: {
      ContainerOverrides: [
        { Name: CONTAINERS.driver, Environment: DRIVER },
        { Name: CONTAINERS.model, Environment: SHARED },
      ],
    },
  };
}
