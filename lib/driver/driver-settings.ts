/**
 * The environment of a driver process, parsed once: which attempt, which server, which folders. Called by main.ts; the names are shared
 * with whoever starts a driver.
 */
import { z } from 'zod';
import { BakeoffError } from '../core/errors.ts';
import { idSchema } from '../core/ids.ts';
import { stageNameSchema } from '../core/job.ts';
import { STALL_MS } from './watchdog.ts';

const wholeNumber = z
  .string()
  .regex(/^[0-9]{1,9}$/, 'a whole number')
  .transform(Number);
const absolutePath = z.string().regex(/^\/[^\0]*$/, 'an absolute path');

const variables = z.object({
  BAKEOFF_DIR: absolutePath,
  BAKEOFF_RUN: idSchema,
  BAKEOFF_JOB: idSchema,
  BAKEOFF_STAGE: stageNameSchema,
  BAKEOFF_ATTEMPT: wholeNumber.pipe(z.int().positive()),
  BAKEOFF_TASK_ID: z.string().min(1).max(2048),
  BAKEOFF_SERVER_URL: z.url({ protocol: /^http$/ }),
  BAKEOFF_INSTANCE: z.string().min(1).max(200),
  BAKEOFF_OUTPUTS: absolutePath,
  BAKEOFF_INPUTS: absolutePath,
  /** Optional: a folder out of the model's reach, on the store's file system; default `<outputs>.driver`. */
  BAKEOFF_SCRATCH: absolutePath.optional(),
  /** Optional: how long the event loop may stall. */
  BAKEOFF_STALL_MS: wholeNumber.pipe(z.int().positive()).default(STALL_MS),
});

export interface DriverSettings {
  readonly dir: string;
  readonly runId: string;
  readonly jobId: string;
  readonly stage: z.infer<typeof stageNameSchema>;
  readonly attempt: number;
  readonly taskId: string;
  readonly serverUrl: string;
  readonly instance: string;
  readonly outputsDir: string;
  readonly inputsDir: string;
  readonly scratchDir: string;
  readonly stallMs: number;
}

/** Throws `driver-settings` with every variable that is missing or wrong. */
export function parseDriverSettings(environment: Readonly<Record<string, string | undefined>>): DriverSettings {
  const parsed = variables.safeParse(environment);
  if (!parsed.success) throw unusable(environment, parsed.error.issues);
  const given = parsed.data;
  return {
    dir: given.BAKEOFF_DIR,
    runId: given.BAKEOFF_RUN,
    jobId: given.BAKEOFF_JOB,
    stage: given.BAKEOFF_STAGE,
    attempt: given.BAKEOFF_ATTEMPT,
    taskId: given.BAKEOFF_TASK_ID,
    serverUrl: new URL(given.BAKEOFF_SERVER_URL).origin,
    instance: given.BAKEOFF_INSTANCE,
    outputsDir: given.BAKEOFF_OUTPUTS,
    inputsDir: given.BAKEOFF_INPUTS,
    scratchDir: given.BAKEOFF_SCRATCH ?? `${given.BAKEOFF_OUTPUTS.replace(/\/+$/, '')}.driver`,
    stallMs: given.BAKEOFF_STALL_MS,
  };
}

function unusable(environment: Readonly<Record<string, string | undefined>>, issues: readonly z.core.$ZodIssue[]): BakeoffError {
  const problems = issues.map((issue) => {
    const name = String(issue.path[0]);
    return `${name} is ${JSON.stringify(environment[name]) ?? 'not set'}: ${issue.message}`;
  });
  return new BakeoffError({
    code: 'driver-settings',
    message: problems.join('; '),
    remedy: 'Start the driver through `bakeoff run`, which sets these variables.',
  });
}
