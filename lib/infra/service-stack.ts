/**
 * Everything that can be thrown away and deployed anew: the workflow, its functions, the API, the tasks and where they run. bin/app.ts
 * places it; what a deployment may substitute (capacity, images, the task's volume) comes as props.
 */
import { CfnOutput, RemovalPolicy, Stack, type StackProps } from 'aws-cdk-lib';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import { ENVIRONMENT, STACK_OUTPUTS } from '../core/environment-names.ts';
import { INSTANCE_TYPES } from '../core/instance-catalogue.ts';
import type { TaskShape } from '../core/task-definition.ts';
import { Alarms } from './alarms.ts';
import type { Capacity } from './capacity.ts';
import { clusterAccess } from './cluster-access.ts';
import { dashboard } from './dashboard.ts';
import { deadLetters } from './dead-letters.ts';
import type { DeploymentData } from './data-stack.ts';
import type { DeploymentSettings } from './deployment-settings.ts';
import { runEvents } from './event-bus.ts';
import { EventRules } from './event-rules.ts';
import { grantRights } from './function-rights.ts';
import { type Functions, makeFunctions } from './functions.ts';
import { HttpApi } from './http-api.ts';
import type { ImageSource } from './image-source.ts';
import { type DeployedPackage, Packages } from './packages.ts';
import { RegistrationWatch } from './registration-watch.ts';
import { spendBudget } from './spend-budget.ts';
import { TaskRoles } from './task-roles.ts';
import { taskTags, type TaskTemplate, taskTemplate } from './task-template.ts';
import { Workflow } from './workflow.ts';

export interface ServiceStackProps extends StackProps {
  readonly settings: DeploymentSettings;
  /** Those of the data stack, or adopted ones. */
  readonly data: (scope: Construct) => DeploymentData;
  /** At most PACKAGES_PER_STACK; the rest go to package stacks. */
  readonly packages: readonly DeployedPackage[];
  /** Folder with one folder per function, made by lib/infra/bundle-functions.ts. */
  readonly functionsFolder: string;
  readonly capacity: (scope: Construct) => Capacity;
  readonly images: (scope: Construct) => ImageSource;
  readonly volume: TaskShape['volume'];
  /** Version of the software, told by an output. */
  readonly version: string;
}

export class ServiceStack extends Stack {
  readonly functions: Functions;
  /** What package stacks need too. */
  readonly template: TaskTemplate;

  constructor(scope: Construct, id: string, props: ServiceStackProps) {
    super(scope, id, props);
    const { settings } = props;
    const { logRetentionDays } = settings;
    const capacity = props.capacity(this);
    const letters = deadLetters(this, 'DeadLetters');
    this.functions = makeFunctions(this, { functionsFolder: props.functionsFolder, logRetentionDays, deadLetters: letters });
    const { functions } = this;
    const { bucket, table } = props.data(this);
    const { template, taskRoleArns } = this.tasks(props, { bucket, table });
    this.template = template;
    const workflow = new Workflow(this, 'Workflow', { steps: functions, capacity, taskRoleArns, logRetentionDays });
    const cluster = clusterAccess(this, capacity);
    grantRights({ functions, bucket, table, cluster, workflow, template, events: runEvents(this) });
    const registration = new RegistrationWatch(this, 'Registration', { check: functions['registration-check'] });
    new EventRules(this, 'Rules', { functions, deadLetters: letters, bucket, workflow, registrationWatch: registration.machine });
    const api = new HttpApi(this, 'HttpApi', { api: functions.api, registerModel: functions['register-model'], settings });
    this.watch(settings, letters, functions, workflow, capacity);
    this.tell({
      [STACK_OUTPUTS.apiUrl]: api.url,
      [STACK_OUTPUTS.bucket]: bucket.name,
      [STACK_OUTPUTS.table]: table.name,
      [STACK_OUTPUTS.cluster]: capacity.clusterName,
      [STACK_OUTPUTS.stateMachine]: workflow.arn,
      [STACK_OUTPUTS.version]: props.version,
    });
  }

  /** Roles, log and definitions of tasks. */
  private tasks({ settings, packages, images, volume }: ServiceStackProps, { bucket, table }: DeploymentData) {
    const source = images(this);
    const logGroup = new LogGroup(this, 'TaskLogs', { retention: settings.logRetentionDays, removalPolicy: RemovalPolicy.DESTROY });
    const roles = new TaskRoles(this, 'TaskRoles', { bucket, table, logGroup, images: source });
    const value = {
      driverImage: source.driver,
      taskRoleArn: roles.task.roleArn,
      executionRoleArn: roles.execution.roleArn,
      logGroup: logGroup.logGroupName,
      region: this.region,
      volume,
      driverEnvironment: { [ENVIRONMENT.bucket]: bucket.name, [ENVIRONMENT.table]: table.name },
      maxGpus: largestGpuCount(settings),
      tags: taskTags(this.stackName, settings.tags),
    };
    const template = taskTemplate(this, value, settings.allowedRegistries);
    new Packages(this, 'Packages', { packages, template: value, imageOf: (id) => source.ofPackage(id), familyPrefix: this.stackName });
    return { template, taskRoleArns: roles.arns };
  }

  private watch(settings: DeploymentSettings, letters: Queue, functions: Functions, workflow: Workflow, capacity: Capacity): void {
    const { topic } = new Alarms(this, 'Alarms', { deadLetters: letters, email: settings.alarmEmail });
    if (settings.monthlyBudgetUsd !== null) {
      spendBudget(this, 'Budget', { monthlyUsd: settings.monthlyBudgetUsd, scope: settings.budgetScope, topicArn: topic.topicArn });
    }
    if (settings.dashboard) dashboard(this, 'Dashboard', { workflow, functions, deadLetters: letters, groupNames: capacity.groupNames });
  }

  private tell(outputs: Readonly<Record<string, string>>): void {
    for (const [name, value] of Object.entries(outputs)) new CfnOutput(this, name, { value });
  }
}

function largestGpuCount({ fleet }: DeploymentSettings): number {
  return Math.max(...fleet.map(({ instanceType }) => INSTANCE_TYPES.get(instanceType)?.gpu?.count ?? 0));
}
