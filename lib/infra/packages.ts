/**
 * The task definitions of the deployment's packages, by the same builder that makes one at run time. Retained: a run in flight names the
 * revision that it was planned with, and a deregistered one cannot be started. Made in the service stack and in the package stacks.
 */
import { CfnDeletionPolicy, Stack } from 'aws-cdk-lib';
import { CfnTaskDefinition } from 'aws-cdk-lib/aws-ecs';
import { Construct } from 'constructs';
import type { Manifest } from '../core/manifest.ts';
import { familyOf, taskDefinition } from '../core/task-definition.ts';
import type { TaskTemplateValue } from './task-template.ts';

/** A package that becomes a task definition. */
export interface DeployedPackage {
  readonly manifest: Manifest;
  /** Identity of the package, as the registry computes it. */
  readonly digest: string;
}

export interface PackagesProps {
  readonly packages: readonly DeployedPackage[];
  readonly template: TaskTemplateValue;
  readonly imageOf: (packageId: string) => string;
  /** Name of the service stack: families start with it wherever they are made. */
  readonly familyPrefix: string;
}

/**
 * Task definitions of one stack. A stack has at most 500 resources; the service itself has about 190 and 3 for each class, so 150 packages
 * leave room for the largest fleet.
 */
export const PACKAGES_PER_STACK = 150;

export class Packages extends Construct {
  constructor(scope: Construct, id: string, props: PackagesProps) {
    super(scope, id);
    for (const { manifest, digest } of props.packages) {
      const definition = taskDefinition({
        ...props.template,
        family: familyOf(props.familyPrefix, manifest.id),
        packageId: manifest.id,
        digest,
        image: props.imageOf(manifest.id),
        requirements: manifest.requirements,
        region: Stack.of(this).region,
        allowsNetwork: false,
      });
      const resource = new CfnTaskDefinition(this, manifest.id, definition);
      resource.cfnOptions.deletionPolicy = CfnDeletionPolicy.RETAIN;
      resource.cfnOptions.updateReplacePolicy = CfnDeletionPolicy.RETAIN;
    }
  }
}
