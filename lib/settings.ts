/**
 * The only reader of the environment. Every variable is parsed here once, and all problems are told at once: variable, value
 * seen, how to set it. bin/bakeoff.ts reads it at the start and hands the result on.
 */
import { homedir } from 'node:os';
import { delimiter, join, resolve } from 'node:path';
import { z } from 'zod';
import { BakeoffError } from './core/errors.ts';

const flag = z.enum(['', '0', '1', 'false', 'true']).default('').transform((text) => text === '1' || text === 'true');

/** One entry per variable: the schema decides, `how` tells the user. */
const VARIABLES = {
  BAKEOFF_DIR: { schema: z.string().min(1).optional(), how: 'the folder that runs are kept in (default: bakeoff-out)' },
  BAKEOFF_CACHE: { schema: z.string().min(1).optional(), how: 'the folder that installed environments are kept in (default: ~/.cache/bakeoff)' },
  BAKEOFF_PYTHON: { schema: z.string().min(1).optional(), how: 'the Python 3.11 to build environments with (default: the first found on PATH)' },
  BAKEOFF_MODELS: { schema: z.string().min(1).optional(), how: `folders with more model packages, separated by "${delimiter}"` },
  BAKEOFF_DEBUG: { schema: flag, how: '1 to see stack traces, else unset' },
} as const;

export interface Settings {
  /** As given, not yet made absolute; null when unset. */
  readonly dir: string | null;
  readonly cacheDir: string;
  readonly python: string | null;
  readonly extraModelFolders: readonly string[];
  readonly debug: boolean;
  /** What child processes may be given of the caller's environment. */
  readonly path: string;
  readonly home: string;
  /** True when colour is not wanted (NO_COLOR, or a dumb terminal). */
  readonly noColor: boolean;
}

function cacheDirOf(environment: NodeJS.ProcessEnv, home: string, given: string | undefined): string {
  if (given !== undefined) return resolve(given);
  return join(environment.XDG_CACHE_HOME || join(home, '.cache'), 'bakeoff');
}

/** Throws `settings-invalid` naming every variable that is wrong. */
export function readSettings(environment: NodeJS.ProcessEnv): Settings {
  const parsed = z.object(Object.fromEntries(Object.entries(VARIABLES).map(([name, { schema }]) => [name, schema]))).safeParse(environment);
  if (!parsed.success) {
    const lines = parsed.error.issues.map((issue) => {
      const name = String(issue.path[0]);
      const how = Object.entries(VARIABLES).find(([known]) => known === name)?.[1].how ?? 'see the documentation';
      return `${name} is ${JSON.stringify(environment[name])}; expected ${how}`;
    });
    throw new BakeoffError({
      code: 'settings-invalid',
      message: lines.join('\n'),
      remedy: 'Set or unset the variables named above.',
      kind: 'usage',
    });
  }
  const home = environment.HOME || homedir();
  return {
    dir: environment.BAKEOFF_DIR ?? null,
    cacheDir: cacheDirOf(environment, home, environment.BAKEOFF_CACHE),
    python: environment.BAKEOFF_PYTHON ?? null,
    extraModelFolders: (environment.BAKEOFF_MODELS ?? '').split(delimiter).filter((folder) => folder !== '').map((folder) => resolve(folder)),
    debug: parsed.data.BAKEOFF_DEBUG === true,
    path: environment.PATH ?? '',
    home,
    noColor: Boolean(environment.NO_COLOR) || environment.TERM === 'dumb',
  };
}

/** The environment as it is, for entries with settings of their own (lib/driver/main.ts). */
export function environment(): NodeJS.ProcessEnv {
  return process.env;
}
