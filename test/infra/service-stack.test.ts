/** What the service stack decides: start, retries, rights, isolation, throttles, outputs. One synth for all of it. */
import { describe, expect, it } from 'vitest';
import validator from 'asl-validator';
import { METRICS, STACK_OUTPUTS } from '../../lib/core/environment-names.ts';
import { checkedStack } from '../../lib/infra/own-checks.ts';
import { longestOverrides } from '../../lib/infra/checks/override-size.ts';
import { allowedStatements } from '../../lib/infra/checks/policy-statements.ts';
import { FUNCTION_NAMES } from '../../lib/infra/functions.ts';
import { type CfnResourceText, place } from './synth-fixture.ts';

const templates = place().templates();
const { Resources: resources, Outputs: outputs } = templates['bakeoff-service']!;
const { Resources: dataResources } = templates['bakeoff-data']!;

function ofType(type: string): CfnResourceText[] {
  return Object.values(resources).filter(({ Type }) => Type === type);
}

/** The definition with every reference as an ARN. */
function definition(): Record<string, never> {
  const parts: unknown[] = ofType('AWS::StepFunctions::StateMachine')[0]!.Properties.DefinitionString['Fn::Join'][1];
  const text = parts.map((part) => (typeof part === 'string' ? part : 'arn:aws:lambda:us-east-1:111122223333:function:step')).join('');
  return JSON.parse(text);
}

/** Actions that a function's role allows, by the name that its construct has. */
function actionsOf(name: string): string[] {
  const stack = checkedStack(JSON.stringify({ Resources: resources }), new Map());
  const statements = allowedStatements(stack).filter(({ resource }) => resource.logicalId.startsWith(`${name}Role`));
  return [...new Set(statements.flatMap(({ statement }) => statement.Action))].sort();
}

function rule(id: string): CfnResourceText {
  return Object.entries(resources).find(([logicalId]) => logicalId.startsWith(id))![1];
}

describe('the workflow', () => {
  it('is a definition that asl-validator accepts', () => {
    const { isValid, errorsText } = validator(definition());
    expect(errorsText('\n')).toBe('');
    expect(isValid).toBe(true);
  });

  it('passes overrides far below what ECS takes', () => {
    const text = JSON.stringify(definition());
    const overrides = JSON.parse(text.slice(text.indexOf('"Overrides":') + 12, text.indexOf('}]}]}', text.indexOf('"Overrides":')) + 5));
    expect(longestOverrides(overrides)).toBeLessThan(2000);
  });

  it('logs errors without their data, and traces', () => {
    const { LoggingConfiguration, TracingConfiguration } = ofType('AWS::StepFunctions::StateMachine')[0]!.Properties;
    expect(LoggingConfiguration).toMatchObject({ Level: 'ERROR', IncludeExecutionData: false });
    expect(TracingConfiguration).toEqual({ Enabled: true });
  });
});

describe('the functions', () => {
  it('are the eleven of the design, on Node 24 and arm64', () => {
    const functions = ofType('AWS::Lambda::Function');
    expect(functions).toHaveLength(FUNCTION_NAMES.length);
    for (const { Properties } of functions)
      expect(Properties).toMatchObject({ Runtime: 'nodejs24.x', Architectures: ['arm64'], Handler: 'index.handler' });
  });

  it('that events call retry twice and then leave the event in the dead letters', () => {
    const configs = ofType('AWS::Lambda::EventInvokeConfig');
    expect(configs).toHaveLength(4);
    for (const { Properties } of configs)
      expect(Properties).toMatchObject({ MaximumRetryAttempts: 2, DestinationConfig: { OnFailure: {} } });
  });

  it('may do what they need and no more', () => {
    expect(actionsOf('Advance').filter((action) => action.startsWith('ecs:'))).toEqual([
      'ecs:DescribeContainerInstances',
      'ecs:DescribeTasks',
      'ecs:ListTasks',
      'ecs:StopTask',
    ]);
    expect(actionsOf('Score').filter((action) => /^(ecs|states|events|iam):/.test(action))).toEqual([]);
    expect(actionsOf('Api')).not.toContain('ecs:RegisterTaskDefinition');
    expect(actionsOf('RegisterModel')).toContain('ecs:RegisterTaskDefinition');
    expect(actionsOf('RegisterModel').filter((action) => /^(s3|states):/.test(action))).toEqual([]);
    expect(FUNCTION_NAMES.map((name) => name.replaceAll('-', '')).filter((name) => actionsOf(name).includes('s3:DeleteObject'))).toEqual(
      [],
    );
  });

  it('pass two roles, to ECS tasks alone', () => {
    const stack = checkedStack(JSON.stringify({ Resources: resources }), new Map());
    const passing = allowedStatements(stack).filter(({ statement }) => statement.Action.includes('iam:PassRole'));
    expect(passing.map(({ resource }) => resource.logicalId.replace(/Role.*/, '')).sort()).toEqual(['Plan', 'RegisterModel', 'Workflow']);
    for (const { statement } of passing) {
      expect(statement.Resource).toHaveLength(2);
      expect(statement.Condition).toEqual({ StringEquals: { 'iam:PassedToService': 'ecs-tasks.amazonaws.com' } });
    }
  });
});

describe('a run starts', () => {
  it('for specs alone, by a rule on the bucket', () => {
    const { EventPattern, Targets } = rule('RulesSpecUploaded').Properties;
    expect(EventPattern.detail.object.key).toEqual([
      { wildcard: 'specs/*.yaml' },
      { wildcard: 'specs/*.yml' },
      { wildcard: 'specs/*.json' },
    ]);
    expect(Targets[0]).toHaveProperty('DeadLetterConfig');
  });

  it('and is settled when it was cut off, but not for each job of its map', () => {
    const { detail } = rule('RulesRunCutOff').Properties.EventPattern;
    expect(detail.status).toEqual(['ABORTED', 'FAILED', 'TIMED_OUT']);
    expect(JSON.stringify(detail.stateMachineArn)).toContain(':stateMachine:bakeoff-service"');
  });
});

describe('the data', () => {
  it('are kept, versioned, encrypted, private, and tell EventBridge', () => {
    const bucket = Object.values(dataResources).find(({ Type }) => Type === 'AWS::S3::Bucket')!;
    expect(bucket).toMatchObject({ DeletionPolicy: 'Retain', UpdateReplacePolicy: 'Retain' });
    expect(bucket.Properties).toMatchObject({
      VersioningConfiguration: { Status: 'Enabled' },
      PublicAccessBlockConfiguration: {
        BlockPublicAcls: true,
        BlockPublicPolicy: true,
        IgnorePublicAcls: true,
        RestrictPublicBuckets: true,
      },
      NotificationConfiguration: { EventBridgeConfiguration: { EventBridgeEnabled: true } },
    });
    const table = Object.values(dataResources).find(({ Type }) => Type === 'AWS::DynamoDB::Table')!;
    expect(table).toMatchObject({ DeletionPolicy: 'Retain', UpdateReplacePolicy: 'Retain' });
    expect(table.Properties).toMatchObject({
      BillingMode: 'PAY_PER_REQUEST',
      DeletionProtectionEnabled: true,
      PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
    });
  });

  it('are read by prefix and never deleted by a task, which writes items of runs alone', () => {
    const stack = checkedStack(JSON.stringify({ Resources: resources }), new Map());
    const own = allowedStatements(stack).filter(({ resource }) => resource.logicalId.startsWith('TaskRolesTaskRole'));
    expect([...new Set(own.flatMap(({ statement }) => statement.Action))].sort()).toEqual([
      ...['dynamodb:GetItem', 'dynamodb:PutItem'],
      ...['s3:AbortMultipartUpload', 's3:GetObject', 's3:GetObjectVersion', 's3:ListBucket', 's3:PutObject'],
    ]);
    const items = own.find(({ statement }) => statement.Action.includes('dynamodb:PutItem'))!;
    expect(items.statement.Condition).toEqual({ 'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': ['RUN#*'] } });
  });
});

describe('the fleet', () => {
  it('starts from zero, is protected while it works, and scales by its providers', () => {
    for (const { Properties } of ofType('AWS::AutoScaling::AutoScalingGroup')) {
      expect(Properties).toMatchObject({ MinSize: '0', NewInstancesProtectedFromScaleIn: true });
    }
    for (const { Properties } of ofType('AWS::ECS::CapacityProvider')) {
      expect(Properties.AutoScalingGroupProvider).toMatchObject({ ManagedTerminationProtection: 'ENABLED', ManagedDraining: 'ENABLED' });
    }
  });

  it('demands IMDSv2 with one hop, and buys Spot where the class says so', () => {
    const templates = ofType('AWS::EC2::LaunchTemplate').map(({ Properties }) => Properties.LaunchTemplateData);
    for (const { MetadataOptions } of templates)
      expect(MetadataOptions).toMatchObject({ HttpTokens: 'required', HttpPutResponseHopLimit: 1 });
    expect(templates.map(({ InstanceMarketOptions }) => InstanceMarketOptions?.MarketType ?? 'on-demand')).toEqual(['spot', 'on-demand']);
    expect(templates.map(({ ImageId }) => ImageId.includes('/gpu/'))).toEqual([true, false]);
  });

  it('isolates users before the agent starts, and keeps it down when that fails', () => {
    const parts: unknown[] = ofType('AWS::EC2::LaunchTemplate')[0]!.Properties.LaunchTemplateData.UserData['Fn::Base64']['Fn::Join'][1];
    const script = parts.map((part) => (typeof part === 'string' ? part : 'the-cluster')).join('');
    expect(script).toContain('systemctl mask --now --no-block ecs.service');
    expect(script).toContain('ECS_CLUSTER=the-cluster');
    expect(script.indexOf('isolate-users.sh <<')).toBeLessThan(script.lastIndexOf('/opt/bakeoff/node-setup.sh'));
  });

  it('lets nothing in', () => {
    expect(ofType('AWS::EC2::SecurityGroupIngress')).toEqual([]);
    for (const { Properties } of ofType('AWS::EC2::SecurityGroup')) expect(Properties.SecurityGroupIngress).toBeUndefined();
  });
});

describe('the API', () => {
  it('asks every caller for signed requests', () => {
    for (const { Properties } of ofType('AWS::ApiGatewayV2::Route')) expect(Properties.AuthorizationType).toBe('AWS_IAM');
    expect(ofType('AWS::ApiGatewayV2::Api')[0]!.Properties.CorsConfiguration).toBeUndefined();
  });

  it('bounds what starts work more tightly than what reads', () => {
    const { DefaultRouteSettings, RouteSettings } = ofType('AWS::ApiGatewayV2::Stage')[0]!.Properties;
    expect(DefaultRouteSettings.ThrottlingRateLimit).toBe(50);
    expect(RouteSettings['POST /v1/models']).toEqual({ ThrottlingRateLimit: 1, ThrottlingBurstLimit: 5 });
  });

  it('has a function of its own for registering models', () => {
    const target = (key: string) =>
      JSON.stringify(ofType('AWS::ApiGatewayV2::Route').find(({ Properties }) => Properties.RouteKey === key)!.Properties.Target);
    expect(target('POST /v1/models')).toContain('RegisterModel');
    expect(target('ANY /v1/{proxy+}')).not.toContain('RegisterModel');
  });
});

describe('what is watched', () => {
  it('has an alarm for each metric of trouble, and for the dead letters', () => {
    const watched = ofType('AWS::CloudWatch::Alarm').map(({ Properties }) => Properties.MetricName);
    expect(watched.sort()).toEqual(
      ['ApproximateNumberOfMessagesVisible', METRICS.instancesNotRegistered, METRICS.runsFailed, METRICS.taskCannotStart].sort(),
    );
  });
});

describe('the outputs', () => {
  it('are those that the command line reads', () => {
    expect(Object.keys(outputs ?? {}).filter((name) => !name.startsWith('Publish'))).toEqual(Object.values(STACK_OUTPUTS));
  });
});
