/**
 * The environment variables of a server: an allow list. A server sees what this file names and nothing of the user's shell.
 */
import { THREAD_VARIABLES } from '../../../core/thread-variables.ts';
import { INSTANCE_VARIABLE } from './kill-by-token.ts';

export interface ServerEnvironmentOptions {
  readonly port: number;
  readonly instance: string;
  readonly outputsDir: string;
  readonly inputsDir: string;
  readonly homeDir: string;
  readonly tempDir: string;
  /** Declared cores; thread libraries obey the variables. */
  readonly cpus: number;
  /** Folders that `import` looks in, before the environment's own; Python packages only. */
  readonly pythonPath: readonly string[];
  /** `bin` of the environment, found before the system's folders. */
  readonly binFolder: string | null;
}

const SYSTEM_PATH = '/usr/local/bin:/usr/bin:/bin';

/** All variables of a server, and no other. */
export function serverEnvironment(options: ServerEnvironmentOptions): Record<string, string> {
  const cpus = String(options.cpus);
  return {
    PORT: String(options.port),
    HOST: '127.0.0.1',
    [INSTANCE_VARIABLE]: options.instance,
    BAKEOFF_OUTPUTS: options.outputsDir,
    BAKEOFF_INPUTS: options.inputsDir,
    BAKEOFF_CPUS: cpus,
    ...Object.fromEntries(THREAD_VARIABLES.map((name) => [name, cpus])),
    ...(options.pythonPath.length > 0 ? { PYTHONPATH: options.pythonPath.join(':') } : {}),
    PATH: options.binFolder === null ? SYSTEM_PATH : `${options.binFolder}:${SYSTEM_PATH}`,
    HOME: options.homeDir,
    TMPDIR: options.tempDir,
    LANG: 'C.UTF-8',
  };
}
