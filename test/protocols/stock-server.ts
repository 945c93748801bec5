/**
 * Starts a real server that other people wrote, in a throw-away environment that its lock makes (built once, cached like those of packages), in
 * a process group of its own. For the contract suites of protocols.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { delimiter, join } from 'node:path';
import { environments } from '../../lib/adapters/local/process/environments.ts';
import { environment, readSettings } from '../../lib/settings.ts';
import { lockAsPackage } from '../lock-as-package.ts';

export interface StockServer {
  readonly url: string;
  /** Kills it and all that it has started. */
  readonly stop: () => Promise<void>;
}

export interface StockServerOptions {
  /** Folder below test/protocols with a requirements.lock. */
  readonly lock: string;
  /** Where the server runs. */
  readonly folder: string;
  /** Program of the environment, whose packages bring no scripts, and its arguments. */
  readonly command: (port: number) => readonly string[];
  /** By default any that is free. */
  readonly port?: number;
  readonly env?: (port: number) => Record<string, string>;
}

/** Does not wait until it is ready: the driver does. */
export async function stockServer({ lock, folder, command, env, port: wantedPort }: StockServerOptions): Promise<StockServer> {
  const settings = readSettings(environment());
  const built = environments({ cacheDir: settings.cacheDir, python: settings.python, installerEnv: environment() });
  const installed = await built.prepare(lockAsPackage(`protocol-${lock}`, join(import.meta.dirname, lock), 'requirements.lock'));
  const bin = join(installed.folder, 'bin');
  const port = wantedPort ?? (await freePort());
  const [program = '', ...args] = command(port);
  const child = spawn(join(bin, program), args, {
    cwd: folder,
    env: { ...process.env, PATH: `${bin}${delimiter}${process.env.PATH}`, PYTHONDONTWRITEBYTECODE: '1', ...env?.(port) },
    stdio: ['ignore', 'ignore', process.env.BAKEOFF_SHOW_SERVERS === '1' ? 'inherit' : 'ignore'],
    detached: true,
  });
  await once(child, 'spawn');
  const exited = once(child, 'exit');
  return { url: `http://127.0.0.1:${port}`, stop: () => killGroup(child, exited) };
}

async function killGroup(child: ChildProcess, exited: Promise<unknown>): Promise<void> {
  try {
    if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
  await exited;
}

/** `wanted` 0: any that the system gives. Throws where the port is taken. */
export async function freePort(wanted = 0): Promise<number> {
  const server = createServer();
  server.listen(wanted, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (typeof address !== 'object' || address === null) throw new Error('no port');
  return address.port;
}
