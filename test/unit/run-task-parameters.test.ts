/** "Run task" on AWS: all that it needs comes from Advance, within the limits of ECS, in a definition that Step Functions accepts. */
import aslValidator from 'asl-validator';
import { describe, expect, it } from 'vitest';
import { CONTAINERS, TASK_ENVIRONMENT } from '../../lib/core/environment-names.ts';
import { workflowDefinition } from '../../lib/workflow/definition.ts';
import { runTaskParameters } from '../../lib/workflow/run-task-parameters.ts';
import { taskAddress } from '../../lib/workflow/task-address.ts';

const CLUSTER = 'arn:aws:ecs:us-east-1:111122223333:cluster/bakeoff';
const arn = (step: string): string => `arn:aws:lambda:us-east-1:111122223333:function:bakeoff-${step}`;
const functions = { plan: arn('plan'), advance: arn('advance'), score: arn('score'), report: arn('report'), settle: arn('settle') };
const targets = ['providers', 'plain'] as const;

/** ECS: overrides of a task, together. */
const MAX_OVERRIDE_CHARACTERS = 8192;

/** What Advance answers, at its longest. */
const LONGEST = { runId: 'r'.repeat(64), jobId: 'j'.repeat(64), stage: `evaluate:${'e'.repeat(64)}`, attempt: 999_999 };
const answer: Readonly<Record<string, string>> = {
  ...{ runId: LONGEST.runId, jobId: LONGEST.jobId, stage: LONGEST.stage, attempt: String(LONGEST.attempt) },
  ...{ instance: taskAddress(LONGEST).instance, port: String(taskAddress(LONGEST).port) },
  ...{ taskDefinitionArn: `${CLUSTER}:1`, capacityProvider: 'bakeoff-g6' },
};

/** As Step Functions resolves a payload template. */
function resolved(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(resolved);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, entry]) => {
      if (!key.endsWith('.$')) return [key, resolved(entry)];
      const field = String(entry).replace('$.step.task.', '');
      if (answer[field] === undefined) throw new Error(`Advance answers no ${String(entry)}`);
      return [key.slice(0, -2), answer[field]];
    }),
  );
}

describe.each(targets)('on a cluster with %s', (capacity) => {
  const parameters = runTaskParameters({ cluster: CLUSTER, capacity });

  it('the definition is one that Step Functions accepts', () => {
    const { isValid, errorsText } = aslValidator(workflowDefinition({ functions, runTaskParameters: parameters }));
    expect(errorsText('\n')).toBe('');
    expect(isValid).toBe(true);
  });

  it('the driver learns what it drives, the model its token and port, within the limit of ECS', () => {
    const told = resolved(parameters) as {
      Overrides: { ContainerOverrides: { Name: string; Environment: { Name: string; Value: string }[] }[] };
    };
    const names = new Map(
      told.Overrides.ContainerOverrides.map(({ Name, Environment }) => [Name, Environment.map((each) => each.Name).sort()]),
    );

    expect(names.get(CONTAINERS.driver)).toEqual(Object.values(TASK_ENVIRONMENT).sort());
    expect(names.get(CONTAINERS.model)).toEqual([TASK_ENVIRONMENT.instance, TASK_ENVIRONMENT.port].sort());
    expect(JSON.stringify(told.Overrides).length).toBeLessThan(MAX_OVERRIDE_CHARACTERS);
  });
});

it('names a provider or a launch type, never both, and no constraint that scaling does not count', () => {
  expect(runTaskParameters({ cluster: CLUSTER, capacity: 'providers' })).toMatchObject({
    CapacityProviderStrategy: [{ Weight: 1, Base: 0 }],
  });
  expect(runTaskParameters({ cluster: CLUSTER, capacity: 'providers' })).not.toHaveProperty('PlacementConstraints');
  expect(runTaskParameters({ cluster: CLUSTER, capacity: 'providers' })).not.toHaveProperty('LaunchType');
  const plain = runTaskParameters({ cluster: CLUSTER, capacity: 'plain' });
  expect(plain).toMatchObject({ LaunchType: 'EC2' });
  expect(plain).not.toHaveProperty('CapacityProviderStrategy');
});

it('gives each attempt a token and a port of its own, the same when asked again', () => {
  const request = { runId: 'r', jobId: 'j', stage: 'infer', attempt: 1 };
  const others = [
    { ...request, attempt: 2 },
    { ...request, stage: 'evaluate:e' },
    { ...request, jobId: 'k' },
    { ...request, runId: 's' },
  ];
  const addresses = [request, ...others].map(taskAddress);

  expect(taskAddress({ ...request })).toEqual(addresses[0]);
  expect(new Set(addresses.map(({ instance }) => instance)).size).toBe(5);
  for (const { instance, port } of addresses) {
    expect(instance).toMatch(/^\d+-[0-9a-f]{16}$/);
    expect(port).toBeGreaterThanOrEqual(20_000);
    expect(port).toBeLessThan(30_000);
  }
});
