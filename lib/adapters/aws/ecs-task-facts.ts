/**
 * What "Run task" handed on, as the end of a task: the task as Step Functions describes it (PascalCase), as an emulator does (`{tasks: […]}`),
 * or what a Catch caught (`{Error, Cause}`, with the task as JSON in the cause, or placement failures, or words). Pure and total: called by
 * the Advance step for whatever comes; ecs-stop-cause.ts says what it means.
 */
import { z } from 'zod';
import { CONTAINERS, TASK_ENVIRONMENT } from '../../core/environment-names.ts';
import { jsonOrNull } from '../../core/json-or-null.ts';
import type { DescribedTask, TaskEnd } from '../../core/task-end.ts';
import { failureOfCaught, failureOfPlacement, lostTask } from './ecs-run-failure.ts';
import { stopCause } from './ecs-stop-cause.ts';

/** Epoch seconds (ECS), epoch milliseconds (Step Functions) or ISO 8601 (EventBridge). Anything else is no time. */
const timeSchema = z
  .union([z.number(), z.string()])
  .nullish()
  .catch(null)
  .transform((value): number | null => {
    if (value === null || value === undefined || value === '') return null;
    const ms = typeof value === 'string' ? Date.parse(value) : value < 1e11 ? value * 1000 : value;
    return Number.isFinite(ms) && ms > 0 ? Math.round(ms) : null;
  });

const textSchema = z.string().nullish().catch(null);
const containerSchema = z.object({ name: textSchema, exitCode: z.int().nullish().catch(null), reason: textSchema });
const pairSchema = z.object({ name: z.string(), value: z.string() });
const overrideSchema = z.object({ name: textSchema, environment: z.array(pairSchema).nullish().catch(null) });

/** Lenient: a field that is not what it should be is absent, so that one odd field never costs the rest. */
const taskSchema = z.object({
  taskArn: z.string().min(1),
  lastStatus: textSchema,
  stopCode: textSchema,
  stoppedReason: textSchema,
  containerInstanceArn: textSchema,
  createdAt: timeSchema,
  pullStartedAt: timeSchema,
  pullStoppedAt: timeSchema,
  startedAt: timeSchema,
  stoppedAt: timeSchema,
  containers: z.array(containerSchema).nullish().catch(null),
  overrides: z
    .object({ containerOverrides: z.array(overrideSchema).nullish().catch(null) })
    .nullish()
    .catch(null),
});
export type EcsTask = z.infer<typeof taskSchema>;

const tasksSchema = z.object({ tasks: z.array(z.unknown()).min(1) });
const failuresSchema = z.object({ failures: z.array(z.object({ reason: textSchema, detail: textSchema })).min(1) });
const caughtSchema = z.object({ error: z.string(), cause: z.string().nullish() });

export function readTaskEnd(raw: unknown): TaskEnd {
  const given = lowerCamel(raw);
  const caught = caughtSchema.safeParse(given);
  if (!caught.success) return endIn(given) ?? lostTask('it is neither a task nor an error');
  const { error, cause } = caught.data;
  return endIn(lowerCamel(jsonOrNull(cause ?? ''))) ?? failureOfCaught(error, cause ?? '');
}

/** Null where there is neither a task nor a placement failure in it. */
function endIn(given: unknown): TaskEnd | null {
  const several = tasksSchema.safeParse(given);
  const task = taskSchema.safeParse(several.success ? several.data.tasks[0] : given);
  if (task.success) return described(task.data);
  const refused = failuresSchema.safeParse(given);
  return refused.success ? failureOfPlacement(refused.data.failures.map(({ reason, detail }) => detail ?? reason ?? 'no reason')) : null;
}

function described(task: EcsTask): DescribedTask {
  const driver = task.containers?.find(({ name }) => name === CONTAINERS.driver);
  const model = task.containers?.find(({ name }) => name === CONTAINERS.model);
  const overridden = task.overrides?.containerOverrides?.find(({ name }) => name === CONTAINERS.driver)?.environment ?? [];
  const variable = (wanted: string): string | null => overridden.find(({ name }) => name === wanted)?.value ?? null;
  const attempt = Number(variable(TASK_ENVIRONMENT.attempt) ?? Number.NaN);
  const exitCode = model?.exitCode ?? null;
  return {
    kind: 'task',
    taskId: task.taskArn,
    stage: variable(TASK_ENVIRONMENT.stage),
    attempt: Number.isSafeInteger(attempt) && attempt > 0 ? attempt : null,
    isStopped: task.lastStatus === 'STOPPED',
    containerInstance: task.containerInstanceArn ?? null,
    createdAtMs: task.createdAt,
    pullStartedAtMs: task.pullStartedAt,
    pullStoppedAtMs: task.pullStoppedAt,
    startedAtMs: task.startedAt,
    stoppedAtMs: task.stoppedAt,
    driverExitCode: driver?.exitCode ?? null,
    server: { exitCode, signal: signalOf(exitCode), reason: isOutOfMemory(model?.reason) ? 'OutOfMemoryError' : null },
    error: stopCause(task),
  };
}

/** ECS says so in the container's reason; 137 without it is any SIGKILL, for example a stop time-out. */
function isOutOfMemory(reason: string | null | undefined): boolean {
  return /\bOutOfMemory/i.test(reason ?? '');
}

const SIGNALS: ReadonlyMap<number, string> = new Map([
  [134, 'SIGABRT'],
  [135, 'SIGBUS'],
  [136, 'SIGFPE'],
  [137, 'SIGKILL'],
  [139, 'SIGSEGV'],
  [143, 'SIGTERM'],
]);

function signalOf(exitCode: number | null): string | null {
  return exitCode === null ? null : (SIGNALS.get(exitCode) ?? null);
}

/** Step Functions writes the fields of the ECS API with capitals; the depth is that of a task, with room. */
function lowerCamel(value: unknown, depth = 0): unknown {
  if (depth > 12 || typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map((entry: unknown) => lowerCamel(entry, depth + 1));
  const named = Object.entries(value).map(([key, entry]) => [key.charAt(0).toLowerCase() + key.slice(1), lowerCamel(entry, depth + 1)]);
  return Object.fromEntries(named);
}
