/** Every kind of deployment that the settings allow can be synthesised, guards included, and is what the setting says. */
import { describe, expect, it } from 'vitest';
import { type CfnResourceText, type CfnTemplate, GPU_PACKAGE, place, somePackage } from './synth-fixture.ts';

function service(settings: Record<string, unknown>): CfnTemplate {
  return place(settings).templates()['bakeoff-service']!;
}

function ofType({ Resources }: CfnTemplate, type: string): CfnResourceText[] {
  return Object.values(Resources).filter(({ Type }) => Type === type);
}

describe('a deployment', () => {
  it('raises alarms by what its own functions publish, not by those of another deployment in the Region', () => {
    const template = place({ prefix: 'team' }).templates()['team-service']!;
    const alarms = ofType(template, 'AWS::CloudWatch::Alarm').filter(({ Properties }) => Properties.Namespace === 'Bakeoff');
    expect(alarms).toHaveLength(3);
    for (const { Properties } of alarms) expect(Properties.Dimensions).toEqual([{ Name: 'service', Value: 'team-service' }]);
  });

  it('has by default neither NAT nor interface endpoints nor anything that is billed by the hour', () => {
    const template = service({});
    expect(ofType(template, 'AWS::EC2::NatGateway')).toEqual([]);
    expect(ofType(template, 'AWS::EC2::VPCEndpoint').map(({ Properties }) => Properties.VpcEndpointType)).toEqual(['Gateway', 'Gateway']);
    expect(ofType(template, 'AWS::AutoScaling::AutoScalingGroup').map(({ Properties }) => Properties.MinSize)).toEqual(['0', '0']);
  });

  it('in private subnets has one NAT gateway and no public addresses', () => {
    const template = service({ network: 'private' });
    expect(ofType(template, 'AWS::EC2::NatGateway')).toHaveLength(1);
    expect(addresses(template)).toEqual([false, false]);
  });

  it('in private subnets without a way out has six interface endpoints', () => {
    const template = service({ network: 'private', privateEgress: 'endpoints', availabilityZones: ['us-east-1a'] });
    expect(ofType(template, 'AWS::EC2::NatGateway')).toEqual([]);
    expect(ofType(template, 'AWS::EC2::InternetGateway')).toEqual([]);
    expect(ofType(template, 'AWS::EC2::VPCEndpoint').filter(({ Properties }) => Properties.VpcEndpointType === 'Interface')).toHaveLength(
      6,
    );
    expect(addresses(template)).toEqual([false, false]);
  });

  it('with tokens asks them of every route', () => {
    const template = service({ apiAuth: { type: 'jwt', issuer: 'https://login.example.com', audience: ['bakeoff'] } });
    expect(new Set(ofType(template, 'AWS::ApiGatewayV2::Route').map(({ Properties }) => Properties.AuthorizationType))).toEqual(
      new Set(['JWT']),
    );
    expect(ofType(template, 'AWS::ApiGatewayV2::Authorizer')[0]?.Properties.JwtConfiguration).toEqual({
      Audience: ['bakeoff'],
      Issuer: 'https://login.example.com',
    });
  });

  it('adopts a bucket and a table, and makes none', () => {
    const templates = place({ adopt: { bucketName: 'old-results', tableName: 'old-records' } }).templates();
    expect(Object.keys(templates)).toEqual(['bakeoff-service']);
    const launcher = Object.entries(templates['bakeoff-service']!.Resources).find(([id]) => id.startsWith('LauncherFunction'))?.[1];
    expect(launcher?.Properties.Environment.Variables).toMatchObject({ BAKEOFF_BUCKET: 'old-results', BAKEOFF_TABLE: 'old-records' });
  });

  it('has a dashboard, a budget by tag and a subscriber when it is asked to, and can have no budget', () => {
    const template = service({ dashboard: true, budgetScope: 'tag', monthlyBudgetUsd: 250, alarmEmail: 'team@example.com' });
    expect(ofType(template, 'AWS::CloudWatch::Dashboard')).toHaveLength(1);
    expect(ofType(template, 'AWS::SNS::Subscription')[0]?.Properties).toMatchObject({ Protocol: 'email', Endpoint: 'team@example.com' });
    expect(ofType(template, 'AWS::Budgets::Budget')[0]?.Properties.Budget).toMatchObject({
      BudgetLimit: { Amount: 250, Unit: 'USD' },
      CostFilters: { TagKeyValue: ['user:bakeoff:stack$bakeoff-service'] },
    });
    // A name of our own would be taken for all Regions of the account.
    expect(ofType(template, 'AWS::Budgets::Budget')[0]?.Properties.Budget).not.toHaveProperty('BudgetName');
    expect(ofType(service({ monthlyBudgetUsd: null }), 'AWS::Budgets::Budget')).toEqual([]);
  });

  it('carries its own prefix through every name', () => {
    const templates = place({ prefix: 'video-team' }).templates();
    expect(Object.keys(templates)).toEqual(['video-team-data', 'video-team-service']);
    expect(ofType(templates['video-team-service']!, 'AWS::ECS::TaskDefinition').map(({ Properties }) => Properties.Family)).toEqual([
      'video-team-service-ridge',
      'video-team-service-needs-gpu',
    ]);
  });

  it('spreads 300 packages and the largest fleet over stacks that stay within the limits of CloudFormation', () => {
    const fleet = Array.from({ length: 20 }, (_, n) => ({
      name: `class-${n}`,
      instanceType: 'g6.xlarge',
      market: 'spot',
      maxInstances: 1,
    }));
    const packages = [GPU_PACKAGE, ...Array.from({ length: 299 }, (_, n) => somePackage(`package-${n}`))];
    const templates = place({ fleet, dashboard: true, alarmEmail: 'team@example.com' }, { packages }).templates();
    expect(Object.keys(templates)).toEqual(['bakeoff-data', 'bakeoff-service', 'bakeoff-packages-1']);
    for (const template of Object.values(templates)) {
      expect(Object.keys(template.Resources).length).toBeLessThan(500);
      expect(Buffer.byteLength(JSON.stringify(template))).toBeLessThan(900_000);
    }
    expect(ofType(templates['bakeoff-packages-1']!, 'AWS::ECS::TaskDefinition')).toHaveLength(150);
    expect(ofType(templates['bakeoff-packages-1']!, 'AWS::ECS::TaskDefinition')[0]?.Properties.Family).toMatch(/^bakeoff-service-package-/);
  });
});

function addresses(template: CfnTemplate): unknown[] {
  return ofType(template, 'AWS::EC2::LaunchTemplate').map(
    ({ Properties }) => Properties.LaunchTemplateData.NetworkInterfaces[0].AssociatePublicIpAddress,
  );
}
