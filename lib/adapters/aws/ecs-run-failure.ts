/**
 * Why "Run task" failed without a task to show: no machine had room, the request was refused, the service was busy, or the wait for the end
 * ran out. Called by ecs-task-facts.ts. Service errors come as `ECS.<Name>` or as `ECS.AmazonECSException` with the name in the cause.
 */
import type { MissingTask } from '../../core/task-end.ts';

/** Reasons of RunTask's `failures` that pass when a machine comes (ECS: API failure reasons). */
const NO_ROOM = /^(RESOURCE:|AGENT|ATTRIBUTE|EMPTY CAPACITY PROVIDER|Capacity)|capacity/i;
const BUSY = /Throttl|ServerException|ServiceUnavailable|TooManyRequests|Rate exceeded|InternalFailure|InternalServer/i;
const REFUSED = /AccessDenied|not authorized|InvalidParameter|ClientException|ClusterNotFound|UnsupportedFeature|PlatformUnknown|Blocked/i;
const INACTIVE = /TaskDefinition is inactive|task definition.*(inactive|not found)|Unable to describe task definition/i;
const TOO_MANY_WAITING = /provisioning|capacity is unavailable|concurrent/i;

export function failureOfPlacement(reasons: readonly string[]): MissingTask {
  const told = [...new Set(reasons)].join('; ').slice(0, 2000);
  if (reasons.some((reason) => NO_ROOM.test(reason))) return missing('no-capacity', `no machine has room: ${told}`, false);
  return missing('run-task-failed', `ECS placed no task: ${told}`, false);
}

/** What a state caught that holds no task. */
export function failureOfCaught(error: string, cause: string): MissingTask {
  const told = `${error}${cause === '' ? '' : `: ${cause}`}`.slice(0, 2000);
  if (error === 'States.Timeout' || error === 'States.HeartbeatTimeout') {
    return missing('task-timeout', 'the task did not end within the time for capacity, pull, the job and its stop', true);
  }
  if (INACTIVE.test(cause)) return missing('task-definition-inactive', `the task definition cannot be run any more: ${told}`, false);
  if (!/^(ECS|AmazonECS|Ecs)\./.test(error)) return lostTask(told);
  if (TOO_MANY_WAITING.test(cause)) return missing('no-capacity', `no machine came: ${told}`, false);
  if (BUSY.test(told)) return missing('service-busy', `ECS was busy: ${told}`, false);
  if (REFUSED.test(told)) return missing('run-task-refused', `ECS refused the task: ${told}`, false);
  // AmazonECS.Unknown without failures: nobody knows whether a task was started.
  return missing('run-task-failed', `ECS did not run the task: ${told}`, true);
}

/** The end of a task that nobody understood: it may go on. */
export function lostTask(told: string): MissingTask {
  return missing('task-lost', `the end of the task was not understood: ${told}`, true);
}

function missing(code: string, message: string, mayLive: boolean): MissingTask {
  return { kind: 'no-task', failure: { class: 'infra', code, message: message.slice(0, 4000) }, mayLive };
}
