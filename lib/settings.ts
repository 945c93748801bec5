/**
 * The only reader of the environment. Every variable is parsed here once, and all problems are told at once: variable, value
 * seen, how to set it. lib/cli/program.ts reads it when a verb is called and hands the result on.
 */
import { homedir } from 'node:os';
import { delimiter, join, resolve } from 'node:path';
import { z } from 'zod';
import { BakeoffError } from './core/errors.ts';

const textSchema = z.string().min(1).optional();
const flagSchema = z
  .enum(['', '0', '1', 'false', 'true'])
  .default('')
  .transform((text) => text === '1' || text === 'true');

/** Descriptions say how to set a variable; docs/cli.md lists them. */
const environmentSchema = z.object({
  BAKEOFF_DIR: textSchema.describe('the folder that runs are kept in (default: bakeoff-out)'),
  BAKEOFF_CACHE: textSchema.describe('the folder that installed environments are kept in (default: ~/.cache/bakeoff)'),
  BAKEOFF_PYTHON: textSchema.describe('the Python 3.11 to build environments with (default: the first found on PATH)'),
  BAKEOFF_BASE_IMAGE: textSchema.describe(
    'the image that images of packages are built on, with --env docker (default: the one that each Dockerfile names)',
  ),
  BAKEOFF_MODELS: textSchema.describe(`folders with more model packages, separated by "${delimiter}"`),
  BAKEOFF_STACK: textSchema.describe('the deployment that submit, watch, list, show and the like speak to (as --stack)'),
  BAKEOFF_TOKEN: textSchema.describe('a bearer token, where the API of a deployment wants one instead of AWS credentials'),
  BAKEOFF_DEBUG: flagSchema.describe('1 prints stack traces (default: unset)'),
});

const AWS_VARIABLES = ['AWS_PROFILE', 'AWS_REGION', 'AWS_DEFAULT_REGION', 'AWS_ACCESS_KEY_ID', 'AWS_WEB_IDENTITY_TOKEN_FILE'] as const;

export interface Settings {
  /** As given, not yet made absolute; null when unset. */
  readonly dir: string | null;
  readonly cacheDir: string;
  readonly python: string | null;
  /** Null: the one that each Dockerfile names. */
  readonly baseImage: string | null;
  /** DOCKER_HOST as it is; null when unset. */
  readonly dockerHost: string | null;
  readonly extraModelFolders: readonly string[];
  /** Name of the service stack; null when the verbs mean this machine. */
  readonly stack: string | null;
  readonly token: string | null;
  /** The usual variables of AWS are there: its tools would find an account by them. */
  readonly hasAwsSettings: boolean;
  readonly debug: boolean;
  /** What child processes may be given of the caller's environment. */
  readonly path: string;
  readonly home: string;
  /** True when colour is not wanted (NO_COLOR, or a dumb terminal). */
  readonly noColor: boolean;
}

/** Name and description of every variable of Bakeoff's own. */
export function settingsHelp(): { readonly name: string; readonly how: string }[] {
  return Object.entries(environmentSchema.shape).map(([name, schema]) => ({ name, how: schema.description ?? '' }));
}

/** Throws `settings-invalid` naming every variable that is wrong. */
export function readSettings(environment: NodeJS.ProcessEnv): Settings {
  const parsed = environmentSchema.safeParse(environment);
  if (!parsed.success) throw invalidSettings(parsed.error.issues, environment);
  const { BAKEOFF_DIR, BAKEOFF_CACHE, BAKEOFF_PYTHON, BAKEOFF_BASE_IMAGE, BAKEOFF_MODELS, BAKEOFF_STACK, BAKEOFF_TOKEN, BAKEOFF_DEBUG } =
    parsed.data;
  const home = environment.HOME || homedir();
  const cacheHome = environment.XDG_CACHE_HOME || join(home, '.cache');
  const folders = (BAKEOFF_MODELS ?? '').split(delimiter).filter((folder) => folder !== '');
  return {
    dir: BAKEOFF_DIR ?? null,
    cacheDir: BAKEOFF_CACHE === undefined ? join(cacheHome, 'bakeoff') : resolve(BAKEOFF_CACHE),
    python: BAKEOFF_PYTHON ?? null,
    baseImage: BAKEOFF_BASE_IMAGE ?? null,
    dockerHost: environment.DOCKER_HOST || null,
    extraModelFolders: folders.map((folder) => resolve(folder)),
    stack: BAKEOFF_STACK ?? null,
    token: BAKEOFF_TOKEN ?? null,
    hasAwsSettings: AWS_VARIABLES.some((name) => Boolean(environment[name])),
    debug: BAKEOFF_DEBUG,
    path: environment.PATH ?? '',
    home,
    noColor: Boolean(environment.NO_COLOR) || environment.TERM === 'dumb',
  };
}

function invalidSettings(issues: readonly z.core.$ZodIssue[], environment: NodeJS.ProcessEnv): BakeoffError {
  const help = new Map(settingsHelp().map(({ name, how }) => [name, how]));
  const names = [...new Set(issues.map((issue) => String(issue.path[0])))];
  const told = names.map((name) => `${name} is ${JSON.stringify(environment[name])}; its meaning: ${help.get(name)}`);
  return new BakeoffError({ code: 'settings-invalid', message: told.join('; '), remedy: `Set or unset ${names.join(', ')}.` });
}

/** The environment as it is, for entries with settings of their own (lib/driver/main.ts). */
export function environment(): NodeJS.ProcessEnv {
  return process.env;
}
