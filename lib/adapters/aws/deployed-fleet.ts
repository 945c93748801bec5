/** The classes of a deployed fleet, read from its groups and their launch templates. Called for `bakeoff doctor`. */
import { type AutoScalingClient, DescribeAutoScalingGroupsCommand } from '@aws-sdk/client-auto-scaling';
import { DescribeLaunchTemplateVersionsCommand, type EC2Client } from '@aws-sdk/client-ec2';
import { z } from 'zod';
import { CLASS_TAG } from '../../core/environment-names.ts';
import type { FleetClass } from '../../core/fleet.ts';
import { explainAwsError } from './explain-aws-error.ts';

const groupsSchema = z.object({
  AutoScalingGroups: z
    .array(
      z.object({
        AutoScalingGroupName: z.string(),
        MaxSize: z.number(),
        LaunchTemplate: z.object({ LaunchTemplateId: z.string(), Version: z.string().default('$Default') }).optional(),
        Tags: z.array(z.object({ Key: z.string(), Value: z.string() })).default([]),
      }),
    )
    .default([]),
});
const templatesSchema = z.object({
  LaunchTemplateVersions: z
    .array(
      z.object({
        LaunchTemplateData: z.object({
          InstanceType: z.string(),
          InstanceMarketOptions: z.object({ MarketType: z.string().optional() }).optional(),
        }),
      }),
    )
    .min(1),
});

/** As much of a class as its quota takes. */
export type ClassInUse = Pick<FleetClass, 'name' | 'instanceType' | 'market' | 'maxInstances'>;

/** A group without a launch template is none of ours, and left out. */
export async function deployedFleet(
  { autoScaling, ec2 }: { readonly autoScaling: AutoScalingClient; readonly ec2: EC2Client },
  groupNames: readonly string[],
): Promise<ClassInUse[]> {
  if (groupNames.length === 0) return [];
  try {
    const request = new DescribeAutoScalingGroupsCommand({ AutoScalingGroupNames: [...groupNames], MaxRecords: 100 });
    const classes: ClassInUse[] = [];
    for (const { AutoScalingGroupName, MaxSize, LaunchTemplate, Tags } of groupsSchema.parse(await autoScaling.send(request))
      .AutoScalingGroups) {
      if (LaunchTemplate === undefined) continue;
      const { LaunchTemplateId, Version } = LaunchTemplate;
      const described = await ec2.send(new DescribeLaunchTemplateVersionsCommand({ LaunchTemplateId, Versions: [Version] }));
      const [template] = templatesSchema.parse(described).LaunchTemplateVersions;
      if (template === undefined) continue;
      const { InstanceType, InstanceMarketOptions } = template.LaunchTemplateData;
      classes.push({
        name: Tags.find(({ Key }) => Key === CLASS_TAG)?.Value ?? AutoScalingGroupName,
        instanceType: InstanceType,
        market: InstanceMarketOptions?.MarketType === 'spot' ? 'spot' : 'on-demand',
        maxInstances: MaxSize,
      });
    }
    return classes;
  } catch (thrown) {
    throw explainAwsError(thrown, 'read the fleet of the deployment');
  }
}
