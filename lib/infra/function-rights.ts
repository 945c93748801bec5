/**
 * Which function gets what: each construct hands itself over, which sets the variable and grants the right together. The least that the
 * adapters in lib/adapters/aws call; lib/infra/service-stack.ts calls this once.
 */
import { Stack } from 'aws-cdk-lib';
import { ENVIRONMENT } from '../core/environment-names.ts';
import type { ClusterAccess } from './cluster-access.ts';
import type { RunEvents } from './event-bus.ts';
import type { Functions } from './functions.ts';
import type { RecordsTable } from './records-table.ts';
import type { ResultsBucket } from './results-bucket.ts';
import type { TaskTemplate } from './task-template.ts';
import type { Workflow } from './workflow.ts';

export interface RightsProps {
  readonly functions: Functions;
  readonly bucket: ResultsBucket;
  readonly table: RecordsTable;
  readonly cluster: ClusterAccess;
  readonly workflow: Workflow;
  readonly template: TaskTemplate;
  readonly events: RunEvents;
}

export function grantRights(props: RightsProps): void {
  for (const fn of Object.values(props.functions)) fn.set(ENVIRONMENT.stack, Stack.of(fn).stackName);
  grantStarting(props);
  grantSteps(props);
  grantEnding(props);
  grantApi(props);
  grantWatching(props);
}

function grantStarting({ functions, bucket, table, workflow, events, cluster, template }: RightsProps): void {
  const { launcher, plan } = functions;
  bucket.giveTo(launcher, { read: ['specs/', 'runs/', 'suites/'], write: ['runs/'] });
  table.giveTo(launcher, 'write');
  workflow.giveTo(launcher);
  cluster.giveFleetTo(launcher);
  events.giveTo(launcher);

  bucket.giveTo(plan, {
    read: ['runs/', 'cache/', 'suites/'],
    write: ['runs/', 'cache/'],
  });
  table.giveTo(plan, 'replace');
  cluster.giveFleetTo(plan);
  template.allowReading(plan);
  template.allowRegistration(plan);
  events.giveTo(plan);
}

function grantSteps({ functions, bucket, table, cluster, events }: RightsProps): void {
  const { advance, score, report } = functions;
  bucket.giveTo(advance, { read: ['runs/'], write: ['runs/'] });
  table.giveTo(advance, 'write');
  cluster.giveTasksTo(advance);
  cluster.giveInstancesTo(advance);

  bucket.giveTo(score, { read: ['runs/', 'cache/', 'suites/'], write: ['runs/'] });
  table.giveTo(score, 'replace');

  bucket.giveTo(report, { read: ['runs/', 'cache/', 'suites/'], write: ['runs/'] });
  table.giveTo(report, 'replace');
  events.giveTo(report);
}

function grantEnding({ functions, bucket, table, cluster, events }: RightsProps): void {
  const { settle } = functions;
  bucket.giveTo(settle, { read: ['runs/'], write: ['runs/'] });
  table.giveTo(settle, 'replace');
  cluster.giveTasksTo(settle);
  events.giveTo(settle);
}

function grantApi({ functions, bucket, table, cluster, events, workflow, template }: RightsProps): void {
  const { api } = functions;
  const registerModel = functions['register-model'];
  bucket.giveTo(api, { read: ['runs/', 'suites/', 'cache/'], write: ['runs/'] });
  table.giveTo(api, 'write');
  workflow.giveTo(api);
  cluster.giveTasksTo(api);
  cluster.giveFleetTo(api);
  events.giveTo(api);

  table.giveTo(registerModel, 'write');
  template.giveTo(registerModel);
  cluster.giveFleetTo(registerModel);
}

function grantWatching({ functions, table, cluster }: RightsProps): void {
  const lifecycle = functions['instance-lifecycle'];
  table.giveTo(lifecycle, 'write');
  cluster.giveMachinesTo(functions['spot-interruption']);
  cluster.giveTasksTo(functions['spot-interruption']);
  cluster.giveMachinesTo(functions['registration-check']);
  // EC2 knows no resources in what describes instances.
  for (const fn of [lifecycle, functions['registration-check']]) fn.allow(['ec2:DescribeInstances'], ['*']);
}
