/**
 * The environment of a driver process, parsed once: which attempt, which server, which stores and folders. Called by main.ts; the names
 * are shared with whoever starts a driver. A driver keeps its records on one machine (BAKEOFF_DIR), or on AWS (BAKEOFF_BUCKET, BAKEOFF_TABLE).
 */
import { z } from 'zod';
import { MOUNTS } from '../core/environment-names.ts';
import { BakeoffError } from '../core/errors.ts';
import { idSchema } from '../core/ids.ts';
import { stageNameSchema } from '../core/job.ts';
import { STALL_MS } from './watchdog.ts';

type Environment = Readonly<Record<string, string | undefined>>;

const wholeNumber = z
  .string()
  .regex(/^[0-9]{1,9}$/, 'a whole number')
  .transform(Number);
const absolutePath = z.string().regex(/^\/[^\0]*$/, 'an absolute path');

const common = {
  BAKEOFF_RUN: idSchema,
  BAKEOFF_JOB: idSchema,
  BAKEOFF_STAGE: stageNameSchema,
  BAKEOFF_ATTEMPT: wholeNumber.pipe(z.int().positive()),
  /** Optional: how long the event loop may stall. */
  BAKEOFF_STALL_MS: wholeNumber.pipe(z.int().positive()).default(STALL_MS),
};

const onOneMachine = z.object({
  ...common,
  BAKEOFF_DIR: absolutePath,
  BAKEOFF_TASK_ID: z.string().min(1).max(2048),
  BAKEOFF_SERVER_URL: z.url({ protocol: /^http$/ }),
  BAKEOFF_INSTANCE: z.string().min(1).max(200),
  BAKEOFF_OUTPUTS: absolutePath,
  BAKEOFF_INPUTS: absolutePath,
  /** Optional: `1` where the server is another user of our group and sees nothing but its outputs and inputs. */
  BAKEOFF_CONTAINED: z.enum(['0', '1']).default('0'),
  /** Optional: a folder out of the model's reach, on the store's file system; default `<outputs>.driver`. */
  BAKEOFF_SCRATCH: absolutePath.optional(),
});

const onAws = z.object({
  ...common,
  BAKEOFF_BUCKET: z.string().min(1).max(255),
  BAKEOFF_TABLE: z.string().min(1).max(1024),
  AWS_REGION: z.string().regex(/^[a-z0-9-]{1,40}$/, 'a region such as us-east-1 (AWS_DEFAULT_REGION will do)'),
  ECS_CONTAINER_METADATA_URI_V4: z.url({ protocol: /^http$/ }),
  /** Names folders of its own below the mounts. */
  BAKEOFF_INSTANCE: idSchema,
  PORT: wholeNumber.pipe(z.int().min(1).max(65535)),
  /** Optional: a folder out of the model's reach; default below the inputs, which the model cannot write. */
  BAKEOFF_SCRATCH: absolutePath.optional(),
  /** Optional, for tests: where the mounts are. */
  BAKEOFF_OUTPUTS: absolutePath.default(MOUNTS.outputs),
  BAKEOFF_INPUTS: absolutePath.default(MOUNTS.inputs),
});

export type DriverPlace =
  | { readonly kind: 'machine'; readonly dir: string; readonly taskId: string; readonly contained: boolean }
  | { readonly kind: 'aws'; readonly bucket: string; readonly table: string; readonly region: string; readonly metadataUrl: string };

export interface DriverSettings {
  readonly place: DriverPlace;
  readonly runId: string;
  readonly jobId: string;
  readonly stage: z.infer<typeof stageNameSchema>;
  readonly attempt: number;
  readonly serverUrl: string;
  readonly instance: string;
  readonly outputsDir: string;
  readonly inputsDir: string;
  readonly scratchDir: string;
  readonly stallMs: number;
}

/** Throws `driver-settings` with every variable that is missing or wrong. */
export function parseDriverSettings(environment: Environment): DriverSettings {
  const names = ['BAKEOFF_BUCKET', 'BAKEOFF_TABLE'].filter((name) => environment[name] !== undefined);
  if (environment.BAKEOFF_DIR !== undefined && names.length > 0)
    throw unusable([
      `BAKEOFF_DIR and ${names.join(' and ')} are set; expected one place for the records: a folder, or a bucket and a table`,
    ]);
  if (names.length > 0) return awsSettings(environment);
  if (environment.BAKEOFF_DIR !== undefined) return machineSettings(environment);
  throw unusable(['BAKEOFF_DIR is not set, nor are BAKEOFF_BUCKET and BAKEOFF_TABLE; expected a folder, or a bucket and a table']);
}

function machineSettings(environment: Environment): DriverSettings {
  const given = parsed(onOneMachine, environment);
  return {
    ...attemptOf(given),
    place: { kind: 'machine', dir: given.BAKEOFF_DIR, taskId: given.BAKEOFF_TASK_ID, contained: given.BAKEOFF_CONTAINED === '1' },
    serverUrl: new URL(given.BAKEOFF_SERVER_URL).origin,
    instance: given.BAKEOFF_INSTANCE,
    outputsDir: given.BAKEOFF_OUTPUTS,
    inputsDir: given.BAKEOFF_INPUTS,
    scratchDir: given.BAKEOFF_SCRATCH ?? `${withoutSlash(given.BAKEOFF_OUTPUTS)}.driver`,
  };
}

function awsSettings(environment: Environment): DriverSettings {
  const given = parsed(onAws, { ...environment, AWS_REGION: environment.AWS_REGION ?? environment.AWS_DEFAULT_REGION });
  const instance = given.BAKEOFF_INSTANCE;
  const inputsDir = `${withoutSlash(given.BAKEOFF_INPUTS)}/${instance}`;
  return {
    ...attemptOf(given),
    place: {
      kind: 'aws',
      bucket: given.BAKEOFF_BUCKET,
      table: given.BAKEOFF_TABLE,
      region: given.AWS_REGION,
      metadataUrl: withoutSlash(given.ECS_CONTAINER_METADATA_URI_V4),
    },
    serverUrl: `http://127.0.0.1:${given.PORT}`,
    instance,
    outputsDir: `${withoutSlash(given.BAKEOFF_OUTPUTS)}/${instance}`,
    inputsDir,
    scratchDir: given.BAKEOFF_SCRATCH ?? `${inputsDir}.driver`,
  };
}

function attemptOf(given: z.infer<z.ZodObject<typeof common>>) {
  return {
    runId: given.BAKEOFF_RUN,
    jobId: given.BAKEOFF_JOB,
    stage: given.BAKEOFF_STAGE,
    attempt: given.BAKEOFF_ATTEMPT,
    stallMs: given.BAKEOFF_STALL_MS,
  };
}

function withoutSlash(path: string): string {
  return path.replace(/\/+$/, '');
}

function parsed<Schema extends z.ZodType>(schema: Schema, environment: Environment): z.infer<Schema> {
  const result = schema.safeParse(environment);
  if (result.success) return result.data;
  const problems = result.error.issues.map((issue) => {
    const name = String(issue.path[0]);
    return `${name} is ${JSON.stringify(environment[name]) ?? 'not set'}: ${issue.message}`;
  });
  throw unusable(problems);
}

function unusable(problems: readonly string[]): BakeoffError {
  return new BakeoffError({
    code: 'driver-settings',
    message: problems.join('; '),
    remedy: 'Start the driver through `bakeoff run`, or as a task of a deployment: both set these variables.',
  });
}
