/**
 * Why ECS stopped a task, as far as the machine and the service are to blame: an interruption, an image, a machine that never came. What
 * the model or the driver did is the job record's to say. ECS gives a code and words; some causes are in the words alone, whose stable
 * beginnings are matched ("Stopped tasks error messages" in the ECS developer guide). Called by ecs-task-facts.ts.
 */
import { CONTAINERS } from '../../core/environment-names.ts';
import type { Failure } from '../../core/failure.ts';
import type { EcsTask } from './ecs-task-facts.ts';
import { SPOT_STOP_REASON } from './ecs-stop-reasons.ts';

const PULL = /\b(CannotPull\w*|ImageNotFound\w*)/i;
/** A pull that the network or the registry's limits broke off may pass; a name or a right that is wrong does not. */
const PASSING_PULL =
  /time.?out|timed out|deadline exceeded|toomanyrequests|too many requests|connection (reset|refused)|\b50[0234]\b|EOF$/i;
const CAPACITY = /\bRESOURCE:|capacity|provisioning|unable to place|no container instances? met/i;
const GONE = /Host EC2 .*(terminated|stopped|impaired)|container instance .*(deregistered|disconnected)/i;
const OUT_OF_MEMORY = /\bOutOfMemory/i;

/** Null where the task came to its end by itself. */
export function stopCause(task: EcsTask): Failure | null {
  const { stopCode, stoppedReason } = task;
  const reasons = [stoppedReason ?? '', ...(task.containers ?? []).map(({ reason }) => reason ?? '')].filter((text) => text !== '');
  const told = reasons.join('; ').slice(0, 2000);
  if (isInterruption(stopCode ?? '', stoppedReason ?? '')) return infra('spot-interrupted', `the machine was taken back: ${told}`);
  if (PULL.test(told)) {
    const code = PASSING_PULL.test(told) ? 'image-pull-interrupted' : 'image-pull-failed';
    return infra(code, `the image could not be pulled: ${told}`);
  }
  if (GONE.test(stoppedReason ?? '')) return infra('machine-lost', `the machine is gone: ${told}`);
  if (stopCode === 'TaskFailedToStart') {
    const hadMachine = (task.containerInstanceArn ?? '') !== '' || task.pullStartedAt !== null || task.startedAt !== null;
    if (!hadMachine && (CAPACITY.test(told) || told === '' || !/Error/.test(told))) return infra('no-capacity', `no machine came: ${told}`);
    return infra('task-cannot-start', `the task could not start: ${told}`);
  }
  const driver = task.containers?.find(({ name }) => name === CONTAINERS.driver);
  if (OUT_OF_MEMORY.test(driver?.reason ?? '')) return infra('driver-out-of-memory', 'the driver was stopped by its memory limit');
  if (stopCode === 'UserInitiated') return infra('task-stopped', `the task was stopped from outside: ${told}`);
  return null;
}

/** Our own answer to the warning is a stop by a user, in the eyes of ECS. */
function isInterruption(stopCode: string, stoppedReason: string): boolean {
  return stopCode === 'SpotInterruption' || stopCode === 'TerminationNotice' || stoppedReason.includes(SPOT_STOP_REASON);
}

function infra(code: string, message: string): Failure {
  return { class: 'infra', code, message: message.slice(0, 4000) };
}
