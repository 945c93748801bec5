/**
 * The two roles of every task, shared by all packages. ECS gives the task role to each container of a task, the model's too: on the
 * instances the network rules of the user data keep the model's user away from the credentials, and the rights here are what is left
 * if those ever fail. lib/infra/packages.ts names them; the state machine and two functions may pass them, and nothing else.
 */
import { Stack } from 'aws-cdk-lib';
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { ILogGroup } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import type { ImageSource } from './image-source.ts';
import type { RecordsTable } from './records-table.ts';
import type { ResultsBucket } from './results-bucket.ts';

export interface TaskRolesProps {
  readonly bucket: ResultsBucket;
  readonly table: RecordsTable;
  readonly logGroup: ILogGroup;
  readonly images: ImageSource;
}

export class TaskRoles extends Construct {
  /**
   * What the driver acts as: reads inputs, writes objects and items of runs (of any run: a role knows no single one), deletes nothing. What
   * it overwrites stays in the bucket as an earlier version.
   */
  readonly task: Role;
  /** What the agent acts as: pulls images, writes logs. */
  readonly execution: Role;

  constructor(scope: Construct, id: string, props: TaskRolesProps) {
    super(scope, id);
    this.task = this.taskRole(props);
    this.execution = this.executionRole(props);
  }

  get arns(): string[] {
    return [this.task.roleArn, this.execution.roleArn];
  }

  private taskRole({ bucket, table }: TaskRolesProps): Role {
    const role = new Role(this, 'TaskRole', { assumedBy: tasksOfThisAccount(this), description: 'Driver of a bake-off task' });
    bucket.allow(role, { read: ['cache/', 'suites/', 'runs/'], write: ['runs/'] });
    table.allowRunItems(role);
    return role;
  }

  private executionRole({ logGroup, images }: TaskRolesProps): Role {
    const role = new Role(this, 'ExecutionRole', { assumedBy: tasksOfThisAccount(this), description: 'ECS agent for bake-off tasks' });
    role.addToPolicy(new PolicyStatement({ actions: ['logs:CreateLogStream', 'logs:PutLogEvents'], resources: [logGroup.logGroupArn] }));
    // Images registered at run time lie in repositories of this account that nobody knows at synth.
    const repositories = Stack.of(this).formatArn({ service: 'ecr', resource: 'repository', resourceName: '*' });
    const pull = ['ecr:BatchCheckLayerAvailability', 'ecr:GetDownloadUrlForLayer', 'ecr:BatchGetImage'];
    role.addToPolicy(new PolicyStatement({ actions: pull, resources: [repositories] }));
    role.addToPolicy(new PolicyStatement({ actions: ['ecr:GetAuthorizationToken'], resources: ['*'] }));
    images.allowPullBy(role);
    return role;
  }
}

/** Only tasks of this account: no other account's ECS can be made to act as the role. */
function tasksOfThisAccount(scope: Construct): ServicePrincipal {
  const { account, partition, region } = Stack.of(scope);
  return new ServicePrincipal('ecs-tasks.amazonaws.com', {
    conditions: {
      StringEquals: { 'aws:SourceAccount': account },
      ArnLike: { 'aws:SourceArn': `arn:${partition}:ecs:${region}:${account}:*` },
    },
  });
}
