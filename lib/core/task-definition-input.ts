/**
 * The part of an ECS task definition that Bakeoff writes, in the names of the ECS API, which are those of CloudFormation's construct
 * too. Only shapes: lib/core/task-definition.ts makes one.
 */
export interface ContainerDefinition {
  name: string;
  image: string;
  command?: string[];
  essential: boolean;
  /** `<uid>:<gid>`. */
  user: string;
  /** Shares: 1,024 = one vCPU. */
  cpu: number;
  /** Hard limit, MiB. */
  memory: number;
  /** What placement counts, MiB, beside the sizes of `tmpfs`. */
  memoryReservation: number;
  resourceRequirements?: { type: 'GPU'; value: string }[];
  dependsOn?: { containerName: string; condition: 'START' }[];
  /** Seconds. */
  stopTimeout: number;
  environment: { name: string; value: string }[];
  /** On the host's network nothing is published: placement counts the port. */
  portMappings?: { containerPort: number; hostPort: number; protocol: 'tcp' }[];
  mountPoints: { sourceVolume: string; containerPath: string; readOnly: boolean }[];
  readonlyRootFilesystem: boolean;
  privileged: boolean;
  linuxParameters: {
    initProcessEnabled: boolean;
    capabilities: { drop: string[] };
    /** Size in MiB. */
    tmpfs: { containerPath: string; size: number; mountOptions: string[] }[];
  };
  dockerSecurityOptions: string[];
  logConfiguration: { logDriver: 'awslogs'; options: Record<string, string> };
}

export interface TaskDefinitionInput {
  family: string;
  taskRoleArn: string;
  executionRoleArn: string;
  networkMode: 'host';
  requiresCompatibilities: ['EC2'];
  containerDefinitions: ContainerDefinition[];
  volumes: {
    name: string;
    host?: { sourcePath: string };
    dockerVolumeConfiguration?: { scope: 'task'; driver: 'local' };
  }[];
  tags?: { key: string; value: string }[];
}
