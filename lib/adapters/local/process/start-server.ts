/**
 * Starts a package's server in its environment, under a supervisor, on a free port of loopback. Called by the compute for
 * models and evaluators alike; it does not wait for readiness, which is the driver's to see.
 */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { CpuAffinity } from './cpu-affinity.ts';
import type { Environment } from './environments.ts';
import { chooseFreePort, saysPortTaken } from './free-port.ts';
import type { LocalPackage } from './local-package.ts';
import { serverEnvironment } from './server-environment.ts';
import { supervise } from './supervise.ts';
import type { ServerExit } from './supervisor-messages.ts';

const LOG_MAX_BYTES = 8 << 20;
/** A server has 20 s from SIGTERM, as on AWS; half a second when its CLI has died and nobody waits any more. */
const GRACE_MS = 20_000;
const ORPHAN_GRACE_MS = 500;
const SAMPLE_MS = 100;
/** Where a look at the process table costs a process (`ps`), it is taken less often. */
const SLOW_SAMPLE_MS = 1_000;

export interface StartServerOptions {
  readonly localPackage: LocalPackage;
  readonly environment: Environment;
  readonly instance: string;
  readonly outputsDir: string;
  readonly inputsDir: string;
  /** For HOME, TMPDIR and the log; made when absent. */
  readonly scratchDir: string;
  /** `src` of the Python SDK. */
  readonly sdkFolder: string;
  readonly compileCacheFolder: string;
  readonly affinity: CpuAffinity;
  /** Instead of a free one. */
  readonly port?: number;
}

export interface RunningServer {
  readonly url: string;
  readonly port: number;
  readonly supervisorPid: number;
  /** Null when the command could not be started. */
  readonly pid: Promise<number | null>;
  /** Never rejects; the reason is `PortTaken` when the server died because its port was in use. */
  readonly exited: Promise<ServerExit>;
  readonly stop: () => Promise<ServerExit>;
}

/** Resolves when the supervisor has its order; whether the server comes up, `exited` and its port tell. */
export async function startServer(options: StartServerOptions): Promise<RunningServer> {
  const { localPackage, environment, scratchDir } = options;
  const { runtime, requirements } = localPackage.manifest;
  const homeDir = join(scratchDir, 'home');
  const tempDir = join(scratchDir, 'tmp');
  await Promise.all([homeDir, tempDir, options.outputsDir, options.inputsDir].map((folder) => mkdir(folder, { recursive: true })));
  const port = options.port ?? (await chooseFreePort());
  const isPython = environment.kind === 'python';
  const cwd = isPython ? localPackage.folder : environment.folder;
  const pinned = options.affinity.pin(requirements.cpu);
  const env = serverEnvironment({
    port,
    instance: options.instance,
    outputsDir: options.outputsDir,
    inputsDir: options.inputsDir,
    homeDir,
    tempDir,
    cpus: requirements.cpu,
    pythonPath: isPython ? [localPackage.folder, options.sdkFolder] : [],
    binFolder: isPython ? join(environment.folder, 'bin') : join(environment.folder, 'node_modules', '.bin'),
  });
  const { supervisorPid, pid, exited, stop } = supervise({
    compileCacheFolder: options.compileCacheFolder,
    order: {
      command: [...pinned.prefix, ...resolveCommand(runtime.command, environment)],
      cwd,
      env,
      token: options.instance,
      logFile: join(scratchDir, 'server.log'),
      logMaxBytes: LOG_MAX_BYTES,
      memoryMiB: requirements.memoryMiB,
      graceMs: GRACE_MS,
      orphanGraceMs: ORPHAN_GRACE_MS,
      sampleMs: process.platform === 'linux' ? SAMPLE_MS : SLOW_SAMPLE_MS,
    },
  });
  const ended = exited.then((end) => {
    pinned.release();
    return nameTheCause(end);
  });
  return { url: `http://127.0.0.1:${port}`, port, supervisorPid, pid, exited: ended, stop: () => stop().then(() => ended) };
}

/** `python` and `node` mean the environment's own, whatever the PATH says. */
function resolveCommand(command: readonly string[], environment: Environment): string[] {
  const [program = '', ...args] = command;
  if (environment.kind === 'python' && /^python(3|3\.11)?$/.test(program)) return [join(environment.folder, 'bin', 'python'), ...args];
  if (environment.kind === 'node' && program === 'node') return [process.execPath, ...args];
  return [program, ...args];
}

function nameTheCause(end: ServerExit): ServerExit {
  const diedByItself = end.reason === null && end.exitCode !== null && end.exitCode !== 0;
  return diedByItself && saysPortTaken(end.logTail) ? { ...end, reason: 'PortTaken' } : end;
}
