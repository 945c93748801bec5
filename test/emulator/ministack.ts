/**
 * MiniStack, a free emulator of AWS, for tests: installed once into the user's cache from test/emulator/ministack/requirements.lock, one
 * process with a state of its own per call, several at once. It and its Lambda workers end with the process that started it.
 */
import { randomUUID } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { cacheLayout } from '../../lib/adapters/local/process/cache-layout.ts';
import { environments } from '../../lib/adapters/local/process/environments.ts';
import { chooseFreePort } from '../../lib/adapters/local/process/free-port.ts';
import { supervise } from '../../lib/adapters/local/process/supervise.ts';
import { environment, readSettings } from '../../lib/settings.ts';
import { lockAsPackage } from '../lock-as-package.ts';

export interface MiniStackOptions {
  /** A free one by default. */
  readonly port?: number;
  /** On top of the defaults, e.g. `DOCKER_HOST`. */
  readonly env?: Readonly<Record<string, string>>;
}

/** What every SDK client takes. With an address instead of a name the S3 client uses path style by itself. */
export interface MiniStackClientConfig {
  readonly endpoint: string;
  readonly region: string;
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
}

export interface MiniStack {
  readonly url: string;
  readonly port: number;
  readonly clientConfig: MiniStackClientConfig;
  /** What child processes need to reach it: the CDK CLI, `bakeoff`. */
  readonly env: Readonly<Record<string, string>>;
  /** Its output; gone after stop. */
  readonly logFile: string;
  /** Ends it and all that it has started, containers of ECS tasks apart. */
  readonly stop: () => Promise<void>;
}

const REGION = 'us-east-1';
const CREDENTIALS = { accessKeyId: 'test', secretAccessKey: 'test' };
const READY_MS = 120_000;
const PORT_TRIES = 5;

/** Resolves once it answers. Throws with its last words when it ends before, or after two minutes. */
export async function startMiniStack(options: MiniStackOptions = {}): Promise<MiniStack> {
  const settings = readSettings(environment());
  const built = environments({ cacheDir: settings.cacheDir, python: settings.python, installerEnv: environment() });
  const installed = await built.prepare(lockAsPackage('ministack', join(import.meta.dirname, 'ministack'), 'requirements.lock'));
  const place = { python: join(installed.folder, 'bin/python'), compileCacheFolder: cacheLayout(settings.cacheDir).compiled };
  if (options.port !== undefined) return startOn(options.port, place, options.env);
  // Another process may take a free port between our look and its bind.
  for (let tries = 1; ; tries++) {
    try {
      return await startOn(await chooseFreePort(), place, options.env);
    } catch (error) {
      if (tries === PORT_TRIES || !String(error).includes('already in use')) throw error;
    }
  }
}

async function startOn(
  port: number,
  { python, compileCacheFolder }: { readonly python: string; readonly compileCacheFolder: string },
  env: MiniStackOptions['env'],
): Promise<MiniStack> {
  const folder = await mkdtemp(join(tmpdir(), 'bakeoff-ministack-'));
  await mkdir(join(folder, 'tmp'));
  const token = randomUUID();
  const logFile = join(folder, 'ministack.log');
  const emulator = supervise({
    compileCacheFolder,
    order: {
      command: [python, '-m', 'ministack'],
      cwd: folder,
      env: { ...emulatorEnvironment(folder, port), ...env, MINISTACK_EDITION: token, BAKEOFF_INSTANCE: token },
      token,
      logFile,
      ...{ logMaxBytes: 32 << 20, memoryMiB: null, graceMs: 5_000, orphanGraceMs: 500, sampleMs: 5_000 },
    },
  });
  const stop = async () => {
    await emulator.stop();
    await rm(folder, { recursive: true, force: true });
  };
  let ended = false;
  void emulator.exited.then(() => {
    ended = true;
  });
  const url = `http://127.0.0.1:${port}`;
  const deadlineMs = Date.now() + READY_MS;
  while (!(await answers(url, token))) {
    if (ended || Date.now() > deadlineMs) {
      const words = (await readFile(logFile, 'utf8').catch(() => '')).slice(-4000);
      await stop();
      throw new Error(`MiniStack did not come up on port ${port}:\n${words}`);
    }
    await pause(100);
  }
  return {
    url,
    port,
    clientConfig: { endpoint: url, region: REGION, credentials: CREDENTIALS },
    env: clientEnvironment(url),
    logFile,
    stop,
  };
}

/** Node 24 for its Lambda workers: the one that runs the tests. */
function emulatorEnvironment(folder: string, port: number): Record<string, string> {
  return {
    PATH: [dirname(process.execPath), '/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin'].join(delimiter),
    HOME: folder,
    TMPDIR: join(folder, 'tmp'),
    LANG: 'C.UTF-8',
    GATEWAY_PORT: String(port),
    BIND_HOST: '127.0.0.1',
    MINISTACK_HOST: '127.0.0.1',
    MINISTACK_REGION: REGION,
    LOG_LEVEL: 'WARNING',
    S3_DATA_DIR: join(folder, 's3'),
    PYTHONDONTWRITEBYTECODE: '1',
  };
}

function clientEnvironment(url: string): Record<string, string> {
  return {
    AWS_ENDPOINT_URL: url,
    AWS_REGION: REGION,
    AWS_DEFAULT_REGION: REGION,
    AWS_ACCESS_KEY_ID: CREDENTIALS.accessKeyId,
    AWS_SECRET_ACCESS_KEY: CREDENTIALS.secretAccessKey,
    AWS_EC2_METADATA_DISABLED: 'true',
  };
}

/** Whether it is ours that answers: it says the edition that it was given. */
async function answers(url: string, token: string): Promise<boolean> {
  try {
    return (await (await fetch(`${url}/_ministack/health`)).text()).includes(token);
  } catch {
    return false;
  }
}
