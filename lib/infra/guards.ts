/**
 * What a synth has to pass: cdk-nag's AWS Solutions pack and our own checks as plug-ins of the CDK's validation, whose findings are errors
 * (as CloudFormation's own are, by a flag of cdk.json). What is acknowledged stands with its reason in acknowledged.ts.
 */
import { type App, Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';
import { ACKNOWLEDGED } from './acknowledged.ts';
import { acknowledging } from './acknowledging.ts';
import { ownChecks } from './own-checks.ts';

export function addGuards(app: App): void {
  const plugins = [new AwsSolutionsChecks(app), ownChecks()];
  Validations.of(app).addPlugins(...plugins.map((plugin) => acknowledging(plugin, ACKNOWLEDGED)));
}
