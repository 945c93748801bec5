/**
 * What a task definition made at run time needs beside the package, as JSON in a variable: the same values that packages.ts uses at
 * synth. Given to the function that registers models; Plan may register an inactive definition anew, from what it was.
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
  /** Lets the function register definitions of our families with our two roles. */
  readonly allowRegistration: (fn: ServiceFunction) => void;
  readonly allowReading: (fn: ServiceFunction) => void;
  /** Registration, the variables that tell what to register, and the right to look at images. */
  readonly giveTo: (fn: ServiceFunction) => void;
}

/** `registries`: hosts beside the account's own that images may come from. */
export function taskTemplate(scope: Construct, value: TaskTemplateValue, registries: readonly string[]): TaskTemplate {
  const stack = Stack.of(scope);
  const own = `${stack.account}.dkr.ecr.${stack.region}.${stack.urlSuffix}`;
  const definitions = stack.formatArn({ service: 'ecs', resource: 'task-definition', resourceName: `${stack.stackName}-*:*` });
  const repositories = stack.formatArn({ service: 'ecr', resource: 'repository', resourceName: '*' });
  const allowRegistration = (fn: ServiceFunction): void => {
    fn.allow(['ecs:RegisterTaskDefinition'], [definitions]);
    fn.allow(['ecs:TagResource'], [definitions], { StringEquals: { 'ecs:CreateAction': 'RegisterTaskDefinition' } });
    fn.allow(['iam:PassRole'], [value.taskRoleArn, value.executionRoleArn], {
      StringEquals: { 'iam:PassedToService': 'ecs-tasks.amazonaws.com' },
    });
  };
  return {
    value,
    // DescribeTaskDefinition knows no resources.
    allowReading: (fn) => fn.allow(['ecs:DescribeTaskDefinition'], ['*']),
    allowRegistration,
    giveTo: (fn) => {
      allowRegistration(fn);
      fn.set(ENVIRONMENT.taskTemplate, stack.toJsonString(value));
      fn.set(ENVIRONMENT.allowedRegistries, stack.toJsonString([own, ...registries]));
      fn.allow(['ecr:DescribeImages'], [repositories]);
    },
  };
}

/** Tags of every task definition, at synth and at run time. */
export function taskTags(owner: string, tags: Readonly<Record<string, string>>): Record<string, string> {
  return { ...tags, [OWNER_TAG]: owner };
}
