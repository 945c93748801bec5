/**
 * The network of the instances: public subnets without ingress by default, private ones for money. S3 and DynamoDB are reached through
 * gateway endpoints, which are free. lib/infra/fleet.ts places its groups in it.
 */
import { Stack } from 'aws-cdk-lib';
import {
  CfnSecurityGroup,
  GatewayVpcEndpointAwsService,
  InterfaceVpcEndpointAwsService,
  IpAddresses,
  SecurityGroup,
  SubnetType,
  Vpc,
} from 'aws-cdk-lib/aws-ec2';
import { Construct } from 'constructs';
import type { DeploymentSettings } from './deployment-settings.ts';

export type NetworkProps = Pick<DeploymentSettings, 'network' | 'privateEgress' | 'availabilityZones'>;

const CIDR = '10.90.0.0/16';

/** What instances and tasks call, where nothing leads to the internet: registry, agent, logs. Each costs $0.01 an hour and zone. */
const ENDPOINTS = {
  EcrApi: InterfaceVpcEndpointAwsService.ECR,
  EcrDocker: InterfaceVpcEndpointAwsService.ECR_DOCKER,
  Ecs: InterfaceVpcEndpointAwsService.ECS,
  EcsAgent: InterfaceVpcEndpointAwsService.ECS_AGENT,
  EcsTelemetry: InterfaceVpcEndpointAwsService.ECS_TELEMETRY,
  Logs: InterfaceVpcEndpointAwsService.CLOUDWATCH_LOGS,
} as const;

export class Network extends Construct {
  readonly subnetIds: string[];
  /** Nothing comes in; everything may go out. */
  readonly securityGroupId: string;
  readonly hasPublicAddresses: boolean;

  constructor(scope: Construct, id: string, props: NetworkProps) {
    super(scope, id);
    const isPrivate = props.network === 'private';
    const hasNat = isPrivate && props.privateEgress === 'nat';
    const vpc = new Vpc(this, 'Vpc', {
      ipAddresses: IpAddresses.cidr(CIDR),
      ...(props.availabilityZones.length === 0 ? { maxAzs: 2 } : { availabilityZones: props.availabilityZones }),
      natGateways: hasNat ? 1 : 0,
      subnetConfiguration: subnets(isPrivate, hasNat),
      // The recommended flag would add a function with wide EC2 rights to empty a group that nothing uses.
      restrictDefaultSecurityGroup: false,
      gatewayEndpoints: {
        S3: { service: GatewayVpcEndpointAwsService.S3 },
        DynamoDb: { service: GatewayVpcEndpointAwsService.DYNAMODB },
      },
    });
    if (isPrivate && !hasNat) {
      const securityGroups = [SecurityGroup.fromSecurityGroupId(this, 'EndpointGroup', this.endpointGroup(vpc.vpcId), { mutable: false })];
      for (const [name, service] of Object.entries(ENDPOINTS)) vpc.addInterfaceEndpoint(name, { service, securityGroups, open: false });
    }
    const group = new CfnSecurityGroup(this, 'NoIngress', {
      groupDescription: `Instances of ${Stack.of(this).stackName}: no way in`,
      vpcId: vpc.vpcId,
      securityGroupEgress: [{ ipProtocol: '-1', cidrIp: '0.0.0.0/0', description: 'AWS services, registries, weights' }],
    });
    this.securityGroupId = group.attrGroupId;
    const placed = isPrivate ? (hasNat ? vpc.privateSubnets : vpc.isolatedSubnets) : vpc.publicSubnets;
    this.subnetIds = placed.map(({ subnetId }) => subnetId);
    this.hasPublicAddresses = !isPrivate;
  }

  /** HTTPS from inside, to the endpoints. */
  private endpointGroup(vpcId: string): string {
    const group = new CfnSecurityGroup(this, 'Endpoints', {
      groupDescription: 'Endpoints of AWS services, from inside',
      vpcId,
      securityGroupIngress: [{ ipProtocol: 'tcp', fromPort: 443, toPort: 443, cidrIp: CIDR, description: 'From the instances' }],
    });
    return group.attrGroupId;
  }
}

function subnets(isPrivate: boolean, hasNat: boolean) {
  const open = { name: 'Public', subnetType: SubnetType.PUBLIC, cidrMask: 20 };
  if (!isPrivate) return [open];
  if (hasNat)
    return [
      { ...open, cidrMask: 28 },
      { name: 'Private', subnetType: SubnetType.PRIVATE_WITH_EGRESS, cidrMask: 20 },
    ];
  return [{ name: 'Isolated', subnetType: SubnetType.PRIVATE_ISOLATED, cidrMask: 20 }];
}
