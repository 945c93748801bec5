/**
 * One class of the fleet: a launch template, an Auto Scaling group that starts from zero, and the capacity provider that scales it for
 * waiting tasks. Written in the terms of CloudFormation: three resources a class, none of them a function. lib/infra/fleet.ts makes them.
 */
import { Fn } from 'aws-cdk-lib';
import { CfnAutoScalingGroup } from 'aws-cdk-lib/aws-autoscaling';
import { CfnLaunchTemplate } from 'aws-cdk-lib/aws-ec2';
import { CfnCapacityProvider } from 'aws-cdk-lib/aws-ecs';
import { Construct } from 'constructs';
import { CLASS_TAG, OWNER_TAG } from '../core/environment-names.ts';
import type { FleetClass } from '../core/fleet.ts';
import { INSTANCE_TYPES } from '../core/instance-catalogue.ts';
import type { Network } from './network.ts';

export interface CapacityClassProps {
  readonly fleetClass: FleetClass;
  /** Name of the capacity provider: lib/core/fleet.ts's capacityProviderOf. */
  readonly providerName: string;
  readonly network: Network;
  readonly instanceProfileArn: string;
  /** The shell script that an instance runs first. */
  readonly userData: string;
  /** Value of the owner tag. */
  readonly owner: string;
  readonly tags: Readonly<Record<string, string>>;
}

const AMI = '/aws/service/ecs/optimized-ami/amazon-linux-2023';
/** Least size of a GPU class's root volume, GiB: images of models are 5 to 10 GB each. */
const GPU_ROOT_GIB = 200;
/** gp3 gives 125 MiB/s without extra; weights are read at the volume's speed where there is no NVMe. $0.04 a month per MiB/s above. */
const GPU_ROOT_THROUGHPUT = 500;

export class CapacityClass extends Construct {
  readonly provider: CfnCapacityProvider;
  readonly groupName: string;

  constructor(scope: Construct, id: string, props: CapacityClassProps) {
    super(scope, id);
    const { fleetClass, owner } = props;
    const tags = { Name: `${owner}/${fleetClass.name}`, [OWNER_TAG]: owner, [CLASS_TAG]: fleetClass.name, ...props.tags };
    const template = new CfnLaunchTemplate(this, 'Template', { launchTemplateData: launchData(props, tags) });
    const group = new CfnAutoScalingGroup(this, 'Group', {
      minSize: '0',
      maxSize: String(fleetClass.maxInstances),
      vpcZoneIdentifier: props.network.subnetIds,
      newInstancesProtectedFromScaleIn: true,
      capacityRebalance: false,
      // Free, and what the dashboard shows.
      metricsCollection: [{ granularity: '1Minute', metrics: ['GroupInServiceInstances'] }],
      launchTemplate: { launchTemplateId: template.ref, version: template.attrLatestVersionNumber },
      tags: Object.entries({ ...tags, AmazonECSManaged: '' }).map(([key, value]) => ({ key, value, propagateAtLaunch: true })),
    });
    this.groupName = group.ref;
    this.provider = new CfnCapacityProvider(this, 'Provider', {
      name: props.providerName,
      autoScalingGroupProvider: {
        autoScalingGroupArn: group.ref,
        managedScaling: {
          status: 'ENABLED',
          targetCapacity: 100,
          minimumScalingStepSize: 1,
          maximumScalingStepSize: 10,
          instanceWarmupPeriod: 60,
        },
        managedTerminationProtection: 'ENABLED',
        managedDraining: 'ENABLED',
      },
    });
  }
}

function launchData(props: CapacityClassProps, tags: Readonly<Record<string, string>>): CfnLaunchTemplate.LaunchTemplateDataProperty {
  const { fleetClass, network } = props;
  const hasGpu = INSTANCE_TYPES.get(fleetClass.instanceType)?.gpu !== null;
  const tagList = Object.entries(tags).map(([key, value]) => ({ key, value }));
  return {
    instanceType: fleetClass.instanceType,
    imageId: `{{resolve:ssm:${AMI}${hasGpu ? '/gpu' : ''}/recommended/image_id}}`,
    iamInstanceProfile: { arn: props.instanceProfileArn },
    ...(fleetClass.market === 'spot' ? { instanceMarketOptions: { marketType: 'spot' } } : {}),
    networkInterfaces: [
      {
        deviceIndex: 0,
        associatePublicIpAddress: network.hasPublicAddresses,
        groups: [network.securityGroupId],
        deleteOnTermination: true,
      },
    ],
    // A hop limit of one: a container behind a bridge cannot reach the credentials of the instance; on the host network the rules of the user data say no.
    metadataOptions: { httpTokens: 'required', httpPutResponseHopLimit: 1, httpEndpoint: 'enabled', instanceMetadataTags: 'disabled' },
    blockDeviceMappings: [{ deviceName: '/dev/xvda', ebs: rootVolume(fleetClass, hasGpu) }],
    monitoring: { enabled: false },
    userData: Fn.base64(props.userData),
    tagSpecifications: [
      { resourceType: 'instance', tags: tagList },
      { resourceType: 'volume', tags: tagList },
    ],
  };
}

function rootVolume(fleetClass: FleetClass, hasGpu: boolean): CfnLaunchTemplate.EbsProperty {
  const size = hasGpu ? Math.max(GPU_ROOT_GIB, fleetClass.rootVolumeGiB) : fleetClass.rootVolumeGiB;
  return {
    volumeType: 'gp3',
    volumeSize: size,
    encrypted: true,
    deleteOnTermination: true,
    ...(hasGpu ? { throughput: GPU_ROOT_THROUGHPUT } : {}),
  };
}
