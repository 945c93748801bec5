/**
 * What a task definition made at run time needs beside the package, as JSON in a variable: the same values that packages.ts uses at
 * synth. Given to Plan, which registers inactive ones anew, and to the function that registers models.
 */
import { Stack } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { ENVIRONMENT, OWNER_TAG } from '../core/environment-names.ts';
import type { TaskShape } from '../core/task-definition.ts';
import type { ServiceFunction } from './service-function.ts';

/** What all packages of a deployment share of their task definitions. */
export type TaskTemplateValue = Pick<
  TaskShape,
  'driverImage' | 'taskRoleArn' | 'executionRoleArn' | 'logGroup' | 'region' | 'volume' | 'driverEnvironment' | 'maxGpus' | 'tags'
>;

export interface TaskTemplate {
  readonly value: TaskTemplateValue;
  /** Sets the variables, and lets the function read and register definitions of our families with our two roles. */
  readonly giveTo: (fn: ServiceFunction) => void;
}

/** `registries`: hosts beside the account's own that images may come from. */
export function taskTemplate(scope: Construct, value: TaskTemplateValue, registries: readonly string[]): TaskTemplate {
  const stack = Stack.of(scope);
  const own = `${stack.account}.dkr.ecr.${stack.region}.${stack.urlSuffix}`;
  const definitions = stack.formatArn({ service: 'ecs', resource: 'task-definition', resourceName: `${stack.stackName}-*:*` });
  const repositories = stack.formatArn({ service: 'ecr', resource: 'repository', resourceName: '*' });
  return {
    value,
    giveTo: (fn) => {
      fn.set(ENVIRONMENT.taskTemplate, stack.toJsonString(value));
      fn.set(ENVIRONMENT.allowedRegistries, stack.toJsonString([own, ...registries]));
      // DescribeTaskDefinition knows no resources.
      fn.allow(['ecs:DescribeTaskDefinition'], ['*']);
      fn.allow(['ecs:RegisterTaskDefinition'], [definitions]);
      fn.allow(['ecs:TagResource'], [definitions], { StringEquals: { 'ecs:CreateAction': 'RegisterTaskDefinition' } });
      fn.allow(['iam:PassRole'], [value.taskRoleArn, value.executionRoleArn], {
        StringEquals: { 'iam:PassedToService': 'ecs-tasks.amazonaws.com' },
      });
      fn.allow(['ecr:DescribeImages'], [repositories]);
    },
  };
}

/** Tags of every task definition, at synth and at run time. */
export function taskTags(owner: string, tags: Readonly<Record<string, string>>): Record<string, string> {
  return { ...tags, [OWNER_TAG]: owner };
}
