/**
 * Every finding of a guard that we live with, and why: the one list, read by guards.ts and rendered into docs/acknowledged-findings.md. A
 * test fails for an entry that no finding needs any more.
 */
export interface Acknowledgement {
  /** As the guard names the finding; `…` stands for any text. */
  readonly rule: string;
  /** Path of the construct without the stack's name; `…` stands for any text. */
  readonly where: string;
  readonly reason: string;
}

const NO_RESOURCE = 'AWS knows no resources for this action';

/** Rights whose action cannot be restricted to a resource; every one by name. */
const UNRESTRICTABLE: readonly Acknowledgement[] = [
  ...['xray:PutTraceSegments', 'xray:PutTelemetryRecords'].map((action) =>
    starResource(action, '…/Role/DefaultPolicy/Resource', NO_RESOURCE),
  ),
  ...['xray:GetSamplingRules', 'xray:GetSamplingTargets'].map((action) => starResource(action, 'Workflow/Role/…', NO_RESOURCE)),
  starResource(
    'logs:…',
    'Workflow/Role/…',
    `${NO_RESOURCE}: the eight actions of log delivery, as the Step Functions guide lists them for a state machine that logs`,
  ),
  starResource('ecs:DescribeTaskDefinition', 'Plan/…', `${NO_RESOURCE}; it reads definitions, which hold no secrets`),
  starResource(
    'ecs:ListTasks',
    '…',
    'the action is restricted by a condition on our cluster: its resource is a container instance, which a list by cluster does not name',
  ),
  starResource('ecs:DiscoverPollEndpoint', 'Fleet/InstanceRole/…', `${NO_RESOURCE}; it answers the address that the agent polls`),
  starResource('ecr:GetAuthorizationToken', 'TaskRoles/ExecutionRole/…', `${NO_RESOURCE}; what may be pulled is restricted beside it`),
  starResource('ec2:DescribeInstances', '…', `${NO_RESOURCE}; needed to learn whose instance an event is about`),
];

const WILDCARDS: readonly Acknowledgement[] = [
  {
    rule: 'AwsSolutions-IAM5[Resource::*]',
    where: '…',
    reason: 'Our own check star-resource looks at these action by action; each is acknowledged by name below.',
  },
  ...['cache', 'runs', 'specs', 'suites'].map((prefix) => ({
    rule: `AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:s3:::…/${prefix}/*]`,
    where: '…/DefaultPolicy/Resource',
    reason: `Objects below ${prefix}/ have names that only a run knows; rights are given by prefix, to those functions and tasks that need it.`,
  })),
  {
    rule: 'AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:dynamodb:…/index/*]',
    where: '…/Role/DefaultPolicy/Resource',
    reason: 'The indexes of our one table; they can only be queried.',
  },
  {
    rule: 'AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:states:…:execution:…]',
    where: '…/Role/DefaultPolicy/Resource',
    reason: 'Executions of our one state machine; their names are made of runs.',
  },
  {
    rule: 'AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:ecs:…:task-definition/…-*…]',
    where: '…/Role/DefaultPolicy/Resource',
    reason: 'Families of this deployment, which start with its name: models are registered while it runs.',
  },
  {
    rule: 'AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:ecs:…:task/…/*]',
    where: '…/Role/DefaultPolicy/Resource',
    reason: 'Tasks of our cluster, whose ids nobody knows before; a condition names the cluster too.',
  },
  {
    rule: 'AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:ecs:…:container-instance/…/*]',
    where: '…/DefaultPolicy/Resource',
    reason: 'Instances of our cluster, whose ids nobody knows before; a condition names the cluster too.',
  },
  {
    rule: 'AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:ecr:…:repository/*]',
    where: '…/DefaultPolicy/Resource',
    reason:
      'Images registered while the deployment runs lie in repositories of the account that nobody knows at synth; the right is to read.',
  },
];

const COSTS: readonly Acknowledgement[] = [
  {
    rule: 'AwsSolutions-S1',
    where: 'Results/Bucket',
    reason:
      'Server access logs would need a second bucket that grows for ever; data events of CloudTrail tell who read what where a team wants that.',
  },
  {
    rule: 'AwsSolutions-ECS4',
    where: '…Cluster',
    reason:
      'Container Insights costs $0.30 a month for each of dozens of metrics; the driver records resources per sample, which is what a bake-off needs.',
  },
  {
    rule: 'AwsSolutions-VPC7',
    where: 'Fleet/Network/Vpc/Resource',
    reason: 'Flow logs cost $0.50 per GB at idle and under load; nothing can come in, and what models may send is refused on the host.',
  },
  {
    rule: 'AwsSolutions-AS3',
    where: 'Fleet/…/Group',
    reason:
      'Events of instances are recorded by a rule and a function, for the billed cost; a message for each would tell nobody anything.',
  },
  {
    rule: 'AwsSolutions-SF1',
    where: 'Workflow/Machine',
    reason:
      'The history of a standard execution is kept for 90 days as it is; a log of every event would be a second copy at $0.50 per GB. Errors are logged.',
  },
];

const OTHER: readonly Acknowledgement[] = [
  {
    rule: 'AwsSolutions-SQS3',
    where: 'DeadLetters/Resource',
    reason: 'It is where rules and functions leave what they could not deliver: dead letters themselves, that nobody processes.',
  },
  {
    rule: 'AwsSolutions-SF1',
    where: 'Registration/Machine',
    reason: 'It waits and calls one function, which logs; the history of a standard execution is kept for 90 days.',
  },
  {
    rule: 'AwsSolutions-SF2',
    where: 'Registration/Machine',
    reason: 'A wait and one call have nothing to trace; the function that is called has its own traces.',
  },
  {
    rule: 'AwsSolutions-ECS2',
    where: 'Packages/…',
    reason: 'The variables are names, digests and thread counts; there is no secret among them.',
  },
];

export const ACKNOWLEDGED: readonly Acknowledgement[] = [...WILDCARDS, ...UNRESTRICTABLE, ...COSTS, ...OTHER];

function starResource(action: string, where: string, reason: string): Acknowledgement {
  return { rule: `bakeoff-star-resource[${action}]`, where, reason: `${reason}.` };
}
