/**
 * A Docker daemon for the emulator level, on a bare Debian machine too: installs what is missing when it may (root), starts the daemon in
 * the background when none answers. It is left running: images are its cache, and others may use it by then.
 */
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { hasProgram, runCommand, tryCommand } from './run-command.ts';

const PID_FILE = '/var/run/docker.pid';
const START_LIMIT_MS = 60_000;

export const isDockerUp = async (): Promise<boolean> => {
  if (!(await hasProgram('docker'))) return false;
  return (await tryCommand('docker', ['version', '--format', '{{.Server.Version}}'])).exitCode === 0;
};

/** Null when the level can run here; else why it cannot. Changes nothing. */
export async function whyNoDocker(): Promise<string | null> {
  if (process.platform !== 'linux') return `the platform is ${process.platform}, and containers on the host's network need Linux`;
  if (process.getuid?.() !== 0) return 'the user is not root, and a base image is made by debootstrap';
  if (!(await isDockerUp())) return 'no Docker daemon answers';
  return null;
}

/** Installs and starts what is missing; throws with the remedy when that is not possible. */
export async function ensureDocker(logFolder: string): Promise<void> {
  if (process.getuid?.() !== 0) throw new Error('the emulator level makes images and starts a daemon: run it as root');
  await installMissing([
    ['docker', 'docker.io'],
    ['dockerd', 'docker.io'],
    ['debootstrap', 'debootstrap'],
    ['iptables', 'iptables'],
    ['ip', 'iproute2'],
  ]);
  if (await isDockerUp()) return;
  removeStalePid();
  mkdirSync(logFolder, { recursive: true });
  const log = openSync(join(logFolder, 'dockerd.log'), 'a');
  spawn('dockerd', [], { detached: true, stdio: ['ignore', log, log] }).unref();
  for (let waitedMs = 0; waitedMs < START_LIMIT_MS; waitedMs += 500) {
    if (await isDockerUp()) return;
    await sleep(500);
  }
  throw new Error(`dockerd does not answer after ${START_LIMIT_MS / 1000} s; read ${join(logFolder, 'dockerd.log')}`);
}

async function installMissing(wanted: readonly (readonly [program: string, aptPackage: string])[]): Promise<void> {
  const missing = new Set<string>();
  for (const [program, aptPackage] of wanted) if (!(await hasProgram(program))) missing.add(aptPackage);
  if (missing.size === 0) return;
  process.stdout.write(`installing ${[...missing].join(', ')}\n`);
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  await runCommand('apt-get', ['update', '-qq'], { env });
  await runCommand('apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...missing], { env });
}

/** A pid file that outlived its daemon keeps the next one from starting. */
function removeStalePid(): void {
  if (!existsSync(PID_FILE)) return;
  const pid = readFileSync(PID_FILE, 'utf8').trim();
  const comm = join('/proc', pid, 'comm');
  if (pid !== '' && existsSync(comm) && readFileSync(comm, 'utf8').trim() === 'dockerd') return;
  rmSync(PID_FILE, { force: true });
}

export const DEFAULT_LOG_FOLDER = join(tmpdir(), 'bakeoff-e2e', 'logs');
