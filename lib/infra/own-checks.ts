/**
 * Runs the checks below checks/ over every synthesised stack, as a plug-in of the CDK's validation: a finding ends the synth. Called by
 * guards.ts, which takes out what is acknowledged.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CfnResource, type IPolicyValidationContext, type IPolicyValidationPlugin, type PolicyViolation, Stack } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';
import { INSTANCE_TYPES } from '../core/instance-catalogue.ts';
import { RUNBOOK } from './alarms.ts';
import { type CheckedStack, templateSchema } from './checks/check.ts';
import { CHECKS } from './checks/list.ts';

export function ownChecks(): IPolicyValidationPlugin {
  return {
    name: 'Bakeoff',
    ruleIds: CHECKS.map(({ name }) => `bakeoff-${name}`),
    validate: (context) => {
      const violations = context.stackTemplates.flatMap(({ stackConstructPath, templatePath }) =>
        violationsOf(checkedStack(readFileSync(templatePath, 'utf8'), pathsOf(context, stackConstructPath)), stackConstructPath),
      );
      return { success: violations.length === 0, violations };
    },
  };
}

/** `paths`: of constructs, by logical id. A resource that is not in the tree (a test's) has its logical id as path. */
export function checkedStack(template: string, paths: ReadonlyMap<string, string>): CheckedStack {
  const { Resources } = templateSchema.parse(JSON.parse(template));
  const resources = Object.entries(Resources).map(([logicalId, resource]) => ({
    ...resource,
    logicalId,
    path: paths.get(logicalId) ?? logicalId,
  }));
  const runbook = readFileSync(join(import.meta.dirname, '../..', RUNBOOK), 'utf8');
  const maxGpus = Math.max(...[...INSTANCE_TYPES.values()].map(({ gpu }) => gpu?.count ?? 0));
  return { resources, bytes: Buffer.byteLength(template), runbook, maxGpus };
}

function violationsOf(stack: CheckedStack, stackPath: string): PolicyViolation[] {
  return CHECKS.flatMap(({ name, remedy, find }) =>
    find(stack).map(({ resource, what, message }) => ({
      ruleName: `bakeoff-${name}${what === undefined ? '' : `[${what}]`}`,
      description: message,
      fix: remedy,
      severity: 'error',
      violatingResources: [{ constructPath: `${stackPath}/${resource.path}`, locations: [] }],
    })),
  );
}

function pathsOf({ appConstruct }: IPolicyValidationContext, stackPath: string): ReadonlyMap<string, string> {
  const resources = appConstruct.node.findAll().filter((node: IConstruct) => CfnResource.isCfnResource(node));
  return new Map(
    resources.flatMap((node): [string, string][] => {
      const stack = Stack.of(node);
      if (stack.node.path !== stackPath || !CfnResource.isCfnResource(node)) return [];
      return [[String(stack.resolve(node.logicalId)), node.node.path.slice(stackPath.length + 1)]];
    }),
  );
}
