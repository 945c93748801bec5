/**
 * Task definitions beyond those that fit into the service stack: a stack has at most 500 resources, and a template at most 1 MB. Placed by
 * lib/infra/place-stacks.ts, after the service stack whose roles and log they use.
 */
import { Stack, type StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import type { ImageSource } from './image-source.ts';
import { type DeployedPackage, Packages } from './packages.ts';
import type { TaskTemplateValue } from './task-template.ts';

export interface PackageStackProps extends StackProps {
  readonly packages: readonly DeployedPackage[];
  readonly template: TaskTemplateValue;
  readonly images: (scope: Construct) => ImageSource;
  /** Name of the service stack. */
  readonly familyPrefix: string;
}

export class PackageStack extends Stack {
  constructor(scope: Construct, id: string, props: PackageStackProps) {
    super(scope, id, props);
    const { packages, template, familyPrefix } = props;
    const images = props.images(this);
    new Packages(this, 'Packages', { packages, template, imageOf: (packageId) => images.ofPackage(packageId), familyPrefix });
  }
}
