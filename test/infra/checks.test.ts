/** Each of our checks at synth finds what it is for in a bad template, and nothing in a good one. */
import { describe, expect, it } from 'vitest';
import { anchorsOf } from '../../lib/infra/checks/alarm-runbook.ts';
import { CHECKS } from '../../lib/infra/checks/list.ts';
import { checkedStack } from '../../lib/infra/own-checks.ts';
import { place } from './synth-fixture.ts';

type Resources = Record<string, unknown>;

/** Names and messages of what a template of these resources is faulted for. */
function findings(resources: Resources): string[] {
  const stack = checkedStack(JSON.stringify({ Resources: resources }), new Map());
  return CHECKS.flatMap(({ name, find }) => find(stack).map(({ what, message }) => `${name}${what ? `[${what}]` : ''}: ${message}`));
}

function policy(...statements: unknown[]): Resources {
  return { Policy: { Type: 'AWS::IAM::Policy', Properties: { PolicyDocument: { Statement: statements } } } };
}

const KEPT = { DeletionPolicy: 'Retain', UpdateReplacePolicy: 'Retain' };
const LOGS = { Logs: { Type: 'AWS::Logs::LogGroup', Properties: { RetentionInDays: 30 } } };
const FUNCTION = {
  Timeout: 3,
  MemorySize: 128,
  Runtime: 'nodejs24.x',
  Architectures: ['arm64'],
  TracingConfig: { Mode: 'Active' },
  LoggingConfig: { LogGroup: { Ref: 'Logs' } },
};

function task(container: unknown): Resources {
  return { Task: { Type: 'AWS::ECS::TaskDefinition', ...KEPT, Properties: { ContainerDefinitions: [container] } } };
}

function machine(environment: unknown[]): Resources {
  const definition = {
    States: { Run: { Parameters: { Overrides: { ContainerOverrides: [{ Name: 'driver', Environment: environment }] } } } },
  };
  return { Machine: { Type: 'AWS::StepFunctions::StateMachine', Properties: { DefinitionString: JSON.stringify(definition) } } };
}

const RULE_TO_FUNCTION = {
  Rule: {
    Type: 'AWS::Events::Rule',
    Properties: { Targets: [{ Arn: { 'Fn::GetAtt': ['Fn', 'Arn'] }, DeadLetterConfig: { Arn: 'queue' } }] },
  },
  Fn: { Type: 'AWS::Lambda::Function', Properties: FUNCTION },
  ...LOGS,
};

const BAD: readonly (readonly [string, Resources, string])[] = [
  ['a whole service allowed', policy({ Effect: 'Allow', Action: ['s3:*'], Resource: 'x' }), 'star-action[s3:*]'],
  ['a family of actions allowed', policy({ Effect: 'Allow', Action: 's3:Get*', Resource: 'x' }), 'star-action[s3:Get*]'],
  ['a misspelt action', policy({ Effect: 'Allow', Action: 'dynamodb:GetItems', Resource: 'x' }), 'unknown-action[dynamodb:GetItems]'],
  ['a right on everything', policy({ Effect: 'Allow', Action: 'sqs:SendMessage', Resource: '*' }), 'star-resource[sqs:SendMessage]'],
  [
    'a right on everything in a role',
    {
      Role: {
        Type: 'AWS::IAM::Role',
        Properties: { Policies: [{ PolicyDocument: { Statement: [{ Effect: 'Allow', Action: 'sqs:SendMessage', Resource: '*' }] } }] },
      },
    },
    'star-resource[sqs:SendMessage]',
  ],
  [
    'no time-out',
    { Fn: { Type: 'AWS::Lambda::Function', Properties: { ...FUNCTION, Timeout: undefined } }, ...LOGS },
    'function-settings[a time-out]',
  ],
  [
    'no memory size',
    { Fn: { Type: 'AWS::Lambda::Function', Properties: { ...FUNCTION, MemorySize: undefined } }, ...LOGS },
    'function-settings[a memory size]',
  ],
  [
    'another runtime',
    { Fn: { Type: 'AWS::Lambda::Function', Properties: { ...FUNCTION, Runtime: 'nodejs22.x' } }, ...LOGS },
    'function-settings[the runtime nodejs24.x]',
  ],
  [
    'no tracing',
    { Fn: { Type: 'AWS::Lambda::Function', Properties: { ...FUNCTION, TracingConfig: undefined } }, ...LOGS },
    'function-settings[tracing]',
  ],
  [
    'a log that is kept for ever',
    { Fn: { Type: 'AWS::Lambda::Function', Properties: FUNCTION }, Logs: { Type: 'AWS::Logs::LogGroup', Properties: {} } },
    'function-settings[a log group with retention]',
  ],
  ['a rule without dead letters', { Rule: { Type: 'AWS::Events::Rule', Properties: { Targets: [{ Arn: 'x' }] } } }, 'dead-letters[target]'],
  ['a function that rules call, without a destination', RULE_TO_FUNCTION, 'dead-letters[function]'],
  [
    'a queue that a function reads, without dead letters',
    {
      Queue: { Type: 'AWS::SQS::Queue', Properties: {} },
      Reads: { Type: 'AWS::Lambda::EventSourceMapping', Properties: { EventSourceArn: { 'Fn::GetAtt': ['Queue', 'Arn'] } } },
    },
    'dead-letters[queue]',
  ],
  [
    'an alarm without a runbook',
    { Alarm: { Type: 'AWS::CloudWatch::Alarm', Properties: { AlarmDescription: 'It broke.' } } },
    'alarm-runbook: the description names no entry',
  ],
  [
    'an alarm whose entry does not exist',
    { Alarm: { Type: 'AWS::CloudWatch::Alarm', Properties: { AlarmDescription: 'It broke. See docs/runbook.md#no-such-entry' } } },
    'alarm-runbook: the runbook has no entry #no-such-entry',
  ],
  ['a bucket that goes with its stack', { Bucket: { Type: 'AWS::S3::Bucket', DeletionPolicy: 'Delete' } }, 'retained-data'],
  ['a table that is not kept when it is replaced', { Table: { Type: 'AWS::DynamoDB::Table', DeletionPolicy: 'Retain' } }, 'retained-data'],
  ['a start period above 300 s', task({ Name: 'model', HealthCheck: { StartPeriod: 600 } }), 'task-limits: model.HealthCheck.StartPeriod'],
  ['too long an interval', task({ Name: 'model', HealthCheck: { Interval: 301 } }), 'task-limits: model.HealthCheck.Interval'],
  [
    'a third of a GPU',
    task({ Name: 'model', ResourceRequirements: [{ Type: 'GPU', Value: '0.3' }] }),
    'task-limits: model asks for 0.3 GPUs',
  ],
  [
    'more GPUs than any machine has',
    task({ Name: 'model', ResourceRequirements: [{ Type: 'GPU', Value: '9' }] }),
    'task-limits: model asks for 9 GPUs',
  ],
  ['a stop that outlasts a Spot notice', task({ Name: 'model', StopTimeout: 121 }), 'task-limits: stop time-outs add up to 121 s'],
  [
    'overrides that may be too long',
    machine(Array.from({ length: 40 }, (_, n) => ({ Name: `VARIABLE_${n}`, 'Value.$': '$.x' }))),
    'override-size',
  ],
  [
    'user data above 16 KiB',
    {
      Template: {
        Type: 'AWS::EC2::LaunchTemplate',
        Properties: { LaunchTemplateData: { UserData: { 'Fn::Base64': 'x'.repeat(16_385) } } },
      },
    },
    'user-data-size',
  ],
];

describe('the checks at synth', () => {
  it.each(BAD)('find %s', (_what, resources, said) => {
    expect(findings(resources).join('\n')).toContain(said);
  });

  it('are each shown a bad template here', () => {
    const shown = new Set(BAD.flatMap(([, resources]) => findings(resources).map((text) => text.split(/[[:]/)[0])));
    expect(CHECKS.map(({ name }) => name).filter((name) => !shown.has(name))).toEqual([]);
  });

  it('let a denial, a whole function and a guarded rule pass', () => {
    const invoke = { FunctionName: { Ref: 'Fn' }, MaximumRetryAttempts: 2, DestinationConfig: { OnFailure: { Destination: 'queue' } } };
    const guarded = { ...RULE_TO_FUNCTION, Invoke: { Type: 'AWS::Lambda::EventInvokeConfig', Properties: invoke } };
    expect(findings({ ...guarded, ...policy({ Effect: 'Deny', Action: 's3:*', Resource: '*' }) })).toEqual([]);
  });

  it('know the anchors that a heading makes', () => {
    expect([...anchorsOf('# Runbook\n\n## `run-failed`: Why?\ntext\n### Two  words\n')]).toEqual([
      'runbook',
      'run-failed-why',
      'two--words',
    ]);
  });

  it('end the synth of a stack with a finding', () => {
    const placed = place();
    placed.service.functions.score.allow(['sqs:SendMessage'], ['*']);
    expect(placed.templates).toThrow(/sqs:SendMessage is allowed on every resource/);
  });
});
