/**
 * Names that the infrastructure sets and the code reads: environment variables, container names, users, outputs of stacks. lib/infra
 * imports them to set them, lib/settings.ts and the driver's settings to read them, so that the two cannot drift.
 */
export const ENVIRONMENT = {
  bucket: 'BAKEOFF_BUCKET',
  table: 'BAKEOFF_TABLE',
  cluster: 'BAKEOFF_CLUSTER',
  stateMachine: 'BAKEOFF_STATE_MACHINE',
  eventBus: 'BAKEOFF_EVENT_BUS',
  /** Name of the service stack: prefix of task definition families, value of the tag. */
  stack: 'BAKEOFF_STACK',
  /** JSON: the fleet's classes (lib/core/fleet.ts). */
  fleet: 'BAKEOFF_FLEET',
  /** JSON: roles, images and log group that a task definition registered at run time needs. */
  taskTemplate: 'BAKEOFF_TASK_TEMPLATE',
  /** JSON: hosts of registries that images may come from. */
  allowedRegistries: 'BAKEOFF_ALLOWED_REGISTRIES',
} as const;

/** What "Run task" overrides in the containers of a task. */
export const TASK_ENVIRONMENT = {
  run: 'BAKEOFF_RUN',
  job: 'BAKEOFF_JOB',
  stage: 'BAKEOFF_STAGE',
  attempt: 'BAKEOFF_ATTEMPT',
  instance: 'BAKEOFF_INSTANCE',
  /** Port of the model server, to both containers. */
  port: 'PORT',
} as const;

export const CONTAINERS = { driver: 'driver', model: 'model' } as const;

/** Users of the containers, and the group that shares the task's volume. `networkModelUid`: a model whose manifest asks for HTTPS out. */
export const USERS = { modelUid: 10001, driverUid: 10002, networkModelUid: 10003, sharedGid: 10000 } as const;

/** Mount points of the task's volume, equal in both containers. */
export const MOUNTS = { outputs: '/outputs', inputs: '/inputs' } as const;

/** Outputs of the service stack, read by the CLI. */
export const STACK_OUTPUTS = {
  apiUrl: 'ApiUrl',
  bucket: 'BucketName',
  table: 'TableName',
  cluster: 'ClusterName',
  stateMachine: 'StateMachineArn',
  version: 'BakeoffVersion',
} as const;

/** Tag on everything that Bakeoff makes at run time; its value is the service stack's name. */
export const OWNER_TAG = 'bakeoff:stack';

/** Tag on every instance of the fleet: the name of its class, for cost accounting. */
export const CLASS_TAG = 'bakeoff:class';

/** Metrics of the functions: alarms of lib/infra name them. Their one dimension, `service`, is the name of the service stack. */
export const METRICS_NAMESPACE = 'Bakeoff';
export const METRICS_SERVICE = 'bakeoff';
export const METRICS = {
  runsFailed: 'RunsFailed',
  runCostUsd: 'RunCostUsd',
  instancesNotRegistered: 'InstancesNotRegistered',
  taskCannotStart: 'TaskCannotStart',
} as const;
export type MetricName = (typeof METRICS)[keyof typeof METRICS];
