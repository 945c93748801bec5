/**
 * What the cluster says of a task that "Run task" waited for, in words of our own: lib/adapters/aws/ecs-task-facts.ts makes it of what Step
 * Functions hands over, the Advance step makes the job's facts of it. Times are milliseconds since the epoch.
 */
import type { Failure } from './failure.ts';

/** A task that ECS described. */
export interface DescribedTask {
  readonly kind: 'task';
  /** ARN: the task's id in records. */
  readonly taskId: string;
  /** From what "Run task" overrode; null where that is not to be seen. */
  readonly stage: string | null;
  readonly attempt: number | null;
  /** False where ECS has not stopped it (yet): it has to be stopped before another may start. */
  readonly isStopped: boolean;
  /** ARN of the container instance; null for a task that never got a machine. */
  readonly containerInstance: string | null;
  readonly createdAtMs: number | null;
  readonly pullStartedAtMs: number | null;
  readonly pullStoppedAtMs: number | null;
  readonly startedAtMs: number | null;
  readonly stoppedAtMs: number | null;
  readonly driverExitCode: number | null;
  /** `reason`: `OutOfMemoryError` on the evidence of ECS; `signal` of a container that was killed. */
  readonly server: { readonly exitCode: number | null; readonly signal: string | null; readonly reason: string | null };
  /** Set where the machine, not the model or the driver, ended the task. */
  readonly error: Failure | null;
}

/** "Run task" failed without a task to show. `mayLive`: a task may have been started all the same. */
export interface MissingTask {
  readonly kind: 'no-task';
  readonly failure: Failure;
  readonly mayLive: boolean;
}

export type TaskEnd = DescribedTask | MissingTask;
