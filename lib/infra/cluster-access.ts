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
  /** Finds container instances. */
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
  return {
    giveTasksTo: (fn) => {
      name(fn);
      // ListTasks is granted on container instances, whatever it filters by.
      fn.allow(['ecs:ListTasks'], ['*'], inCluster);
      fn.allow(['ecs:DescribeTasks', 'ecs:StopTask'], [tasks], inCluster);
      fn.allow(['ecs:DescribeContainerInstances'], [instances], inCluster);
    },
    giveMachinesTo: (fn) => {
      name(fn);
      fn.allow(['ecs:ListContainerInstances'], [capacity.clusterArn]);
      fn.allow(['ecs:DescribeContainerInstances'], [instances], inCluster);
    },
    giveFleetTo: (fn) => {
      fn.set(ENVIRONMENT.fleet, capacity.fleetJson);
      name(fn);
    },
  };
}
