/**
 * What a deployment costs in a month in which nothing runs, read off its synthesised templates with the price sheet. Printed by
 * bench/at-rest.ts. A resource of a kind that is not listed here is an error: the figure is complete, or there is none.
 */
import type { PriceSheet } from '../core/price-sheet.ts';
import type { CheckedResource } from './checks/check.ts';

export interface CostLine {
  readonly what: string;
  readonly count: number;
  /** Per month, without any free tier. */
  readonly usd: number;
  /** Per month, in an account that uses its free tier for nothing else. */
  readonly usdAfterFreeTier: number;
  readonly freeTier: string;
}

const HOURS_PER_MONTH = 730;

const FREE_ALARMS = 10;
/** In no template: ECS makes one for high and one for low use of each provider with managed scaling (ECS guide, "Cluster auto scaling"). */
const ALARMS_PER_CLASS = 2;
const FREE_DASHBOARDS = 3;
/** CloudWatch pricing; the sheet has none. */
const DASHBOARD_USD = 3;

/** What is billed by use alone: requests, seconds, bytes stored or sent. Bytes stored are told beside the figure. */
const BY_USE = new Set([
  ...[
    'AWS::S3::Bucket',
    'AWS::S3::BucketPolicy',
    'AWS::DynamoDB::Table',
    'AWS::Logs::LogGroup',
    'AWS::SNS::Topic',
    'AWS::SNS::TopicPolicy',
  ],
  ...['AWS::SNS::Subscription', 'AWS::SQS::Queue', 'AWS::SQS::QueuePolicy', 'AWS::Lambda::Function', 'AWS::Lambda::Permission'],
  ...['AWS::Lambda::EventInvokeConfig', 'AWS::StepFunctions::StateMachine', 'AWS::Events::Rule', 'AWS::ApiGatewayV2::Api'],
  ...['AWS::ApiGatewayV2::Stage', 'AWS::ApiGatewayV2::Route', 'AWS::ApiGatewayV2::Integration', 'AWS::ApiGatewayV2::Authorizer'],
  ...['AWS::IAM::Role', 'AWS::IAM::Policy', 'AWS::IAM::InstanceProfile', 'AWS::ECS::Cluster', 'AWS::ECS::TaskDefinition'],
  ...['AWS::ECS::CapacityProvider', 'AWS::ECS::ClusterCapacityProviderAssociations', 'AWS::EC2::LaunchTemplate', 'AWS::EC2::VPC'],
  ...['AWS::EC2::Subnet', 'AWS::EC2::RouteTable', 'AWS::EC2::SubnetRouteTableAssociation', 'AWS::EC2::Route', 'AWS::EC2::InternetGateway'],
  ...['AWS::EC2::VPCGatewayAttachment', 'AWS::EC2::SecurityGroup'],
  // A budget that only tells costs nothing (AWS Budgets pricing; not in the sheet).
  ...['AWS::Budgets::Budget', 'AWS::CDK::Metadata'],
]);

/** Throws a plain Error for a resource whose price at rest nobody has written down, and for a group that does not start from zero. */
export function costAtRest(resources: readonly CheckedResource[], prices: PriceSheet): CostLine[] {
  const lines = [...alarms(resources, prices), dashboards(resources), ...network(resources, prices)];
  const known = new Set([...BY_USE, ...PRICED]);
  const unknown = resources.filter(({ Type }) => !known.has(Type));
  if (unknown.length > 0) throw new Error(`no price at rest is known of ${[...new Set(unknown.map(({ Type }) => Type))].join(', ')}`);
  const kept = resources.filter(({ Type, Properties }) => Type === 'AWS::AutoScaling::AutoScalingGroup' && Properties.MinSize !== '0');
  if (kept.length > 0) throw new Error('a group keeps instances while nothing runs');
  return lines.filter(({ count }) => count > 0);
}

const PRICED = [
  ...['AWS::CloudWatch::Alarm', 'AWS::CloudWatch::Dashboard', 'AWS::AutoScaling::AutoScalingGroup'],
  ...['AWS::EC2::NatGateway', 'AWS::EC2::EIP', 'AWS::EC2::VPCEndpoint'],
];

function countOf(resources: readonly CheckedResource[], type: string): number {
  return resources.filter(({ Type }) => Type === type).length;
}

function alarms(resources: readonly CheckedResource[], { observability }: PriceSheet): CostLine[] {
  const ours = countOf(resources, 'AWS::CloudWatch::Alarm');
  const ofEcs = ALARMS_PER_CLASS * countOf(resources, 'AWS::ECS::CapacityProvider');
  const billed = (count: number) => Math.max(0, count - FREE_ALARMS) * observability.alarm_month;
  const free = `${FREE_ALARMS} alarms`;
  return [
    line('alarms', ours, ours * observability.alarm_month, billed(ours), free),
    line('alarms by which ECS scales the classes', ofEcs, ofEcs * observability.alarm_month, billed(ours + ofEcs) - billed(ours), free),
  ];
}

function dashboards(resources: readonly CheckedResource[]): CostLine {
  const count = countOf(resources, 'AWS::CloudWatch::Dashboard');
  return line(
    'dashboards',
    count,
    count * DASHBOARD_USD,
    Math.max(0, count - FREE_DASHBOARDS) * DASHBOARD_USD,
    `${FREE_DASHBOARDS} dashboards`,
  );
}

function network(resources: readonly CheckedResource[], prices: PriceSheet): CostLine[] {
  const hourly = (what: string, count: number, usdPerHour: number) =>
    line(what, count, count * usdPerHour * HOURS_PER_MONTH, count * usdPerHour * HOURS_PER_MONTH, 'none');
  const interfaces = resources.filter(
    ({ Type, Properties }) => Type === 'AWS::EC2::VPCEndpoint' && Properties.VpcEndpointType === 'Interface',
  );
  const inZones = interfaces.reduce((sum, { Properties: { SubnetIds } }) => sum + (Array.isArray(SubnetIds) ? SubnetIds.length : 1), 0);
  return [
    hourly('NAT gateways', countOf(resources, 'AWS::EC2::NatGateway'), prices.network.nat_gateway_h),
    hourly('public addresses', countOf(resources, 'AWS::EC2::EIP'), prices.network.public_ipv4_h),
    hourly('interface endpoints, by zone', inZones, prices.network.interface_endpoint_az_h),
  ];
}

function line(what: string, count: number, usd: number, usdAfterFreeTier: number, freeTier: string): CostLine {
  return { what, count, usd, usdAfterFreeTier, freeTier };
}
