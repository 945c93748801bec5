/**
 * What functions may do to the cluster: look at and stop its tasks, look at its machines, know its classes. lib/infra/function-rights.ts
 * decides who gets which.
 */
import { Stack } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { ENVIRONMENT } from '../core/environment-names.ts';
import type { Capacity } from './capacity.ts';
import type { ServiceFunction } from './service-function.ts';

export interface ClusterAccess {
  /** Lists, describes and stops tasks. */
  readonly giveTasksTo: (fn: ServiceFunction) => void;
  /** Looks at a container instance: which EC2 instance it is. */
  readonly giveInstancesTo: (fn: ServiceFunction) => void;
  /** That, and finds the one of an EC2 instance. */
  readonly giveMachinesTo: (fn: ServiceFunction) => void;
  /** Tells the classes of the fleet; no right goes with it. */
  readonly giveFleetTo: (fn: ServiceFunction) => void;
}

export function clusterAccess(scope: Construct, capacity: Capacity): ClusterAccess {
  const stack = Stack.of(scope);
  const tasks = stack.formatArn({ service: 'ecs', resource: 'task', resourceName: `${capacity.clusterName}/*` });
  const instances = stack.formatArn({ service: 'ecs', resource: 'container-instance', resourceName: `${capacity.clusterName}/*` });
  const inCluster = { ArnEquals: { 'ecs:cluster': capacity.clusterArn } };
  const name = (fn: ServiceFunction) => fn.set(ENVIRONMENT.cluster, capacity.clusterName);
  const look = (fn: ServiceFunction): void => {
    name(fn);
    fn.allow(['ecs:DescribeContainerInstances'], [instances], inCluster);
  };
  return {
    giveTasksTo: (fn) => {
      name(fn);
      // ListTasks is granted on container instances, whatever it filters by.
      fn.allow(['ecs:ListTasks'], ['*'], inCluster);
      fn.allow(['ecs:DescribeTasks', 'ecs:StopTask'], [tasks], inCluster);
    },
    giveInstancesTo: look,
    giveMachinesTo: (fn) => {
      look(fn);
      fn.allow(['ecs:ListContainerInstances'], [capacity.clusterArn]);
    },
    giveFleetTo: (fn) => {
      fn.set(ENVIRONMENT.fleet, capacity.fleetJson);
      name(fn);
    },
  };
}
