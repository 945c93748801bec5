/** The supervisor with real processes: nothing outlives its owner, memory has a limit, what was used is told truly. */
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { killByToken } from '../../lib/adapters/local/process/kill-by-token.ts';
import { isAlive } from '../../lib/adapters/local/process/process-table.ts';
import { findPython } from '../../lib/adapters/local/process/python.ts';
import { supervise } from '../../lib/adapters/local/process/supervise.ts';
import type { SupervisorOrder } from '../../lib/adapters/local/process/supervisor-messages.ts';
import { awaitCondition, awaitDeath, awaitPid } from './process/await-condition.ts';

const here = join(import.meta.dirname, 'process');
const root = mkdtempSync(join(tmpdir(), 'bakeoff-supervisor-'));
const compileCacheFolder = join(root, 'compiled');
let python = '';
let count = 0;

beforeAll(async () => {
  python = (await findPython({ path: process.env.PATH ?? '', home: process.env.HOME ?? '', python: null })).executable;
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

function orderOf(command: string[], changes: Partial<SupervisorOrder> = {}): SupervisorOrder & { folder: string } {
  count += 1;
  const folder = mkdtempSync(join(root, `${count}-`));
  const token = `token-${process.pid}-${count}`;
  const env = { BAKEOFF_INSTANCE: token, PATH: '/usr/bin:/bin' };
  const limits = { logMaxBytes: 1 << 20, memoryMiB: null, graceMs: 300, orphanGraceMs: 200, sampleMs: 50 };
  return { command, cwd: folder, env, token, logFile: join(folder, 'log'), ...limits, ...changes, folder };
}

function wanderers(mode: 'plain' | 'stubborn'): SupervisorOrder & { folder: string } {
  const order = orderOf([]);
  return { ...order, command: [python, join(here, 'wanderers.py'), order.folder, mode] };
}

async function pidsOf(folder: string): Promise<Record<string, number>> {
  const [leader, worker, daemon, bare] = await Promise.all(['leader', 'worker', 'daemon', 'bare'].map((name) => awaitPid(folder, name)));
  return { leader: leader!, worker: worker!, daemon: daemon!, bare: bare! };
}

function holdServer(order: SupervisorOrder): ReturnType<typeof spawn> {
  return spawn(process.execPath, [join(here, 'hold-server.ts'), JSON.stringify(order), compileCacheFolder], { stdio: 'ignore' });
}

describe('a supervised command', () => {
  it.each(['plain', 'stubborn'] as const)('leaves no process when its owner is killed (%s leader)', async (mode) => {
    const order = wanderers(mode);
    const owner = holdServer(order);
    const pids = await pidsOf(order.folder);
    expect(Object.values(pids).every((pid) => isAlive(pid))).toBe(true);

    owner.kill('SIGKILL');

    await awaitDeath(pids);
  });

  it('leaves no process when its supervisor is killed, and says so', async () => {
    const order = wanderers('plain');
    const supervised = supervise({ order, compileCacheFolder });
    const { leader, worker, daemon } = await pidsOf(order.folder);

    process.kill(supervised.supervisorPid, 'SIGKILL');
    const end = await supervised.exited;

    expect(end).toMatchObject({ reason: 'supervisor-died', exitCode: null, peakRssMiB: null });
    await awaitDeath({ leader: leader!, worker: worker!, daemon: daemon! });
    await killBare(order.folder);
  });

  it('is asked by SIGTERM, then killed with all that it started', async () => {
    const order = wanderers('stubborn');
    const supervised = supervise({ order, compileCacheFolder });
    const pids = await pidsOf(order.folder);

    const end = await supervised.stop();

    expect(end).toMatchObject({ exitCode: null, signal: 'SIGKILL', reason: null });
    await awaitDeath(pids);
  });

  it('is killed as a group when its processes together hold more memory than declared', async () => {
    const hog = 'import os, time\nif os.fork() == 0: hold = bytearray(90 << 20)\nelse: hold = bytearray(90 << 20)\ntime.sleep(600)';
    const order = orderOf([python, '-c', hog], { memoryMiB: 150 });

    const end = await supervise({ order, compileCacheFolder }).exited;

    expect(end).toMatchObject({ exitCode: null, signal: 'SIGKILL', reason: 'OutOfMemoryError' });
    expect(end.peakRssMiB).toBeGreaterThan(150);
    expect(await killByToken(order.token)).toEqual([]);
  });

  it('may hold as much as it declared', async () => {
    const order = orderOf([python, '-c', 'import time; hold = bytearray(90 << 20); time.sleep(0.5)'], { memoryMiB: 150 });

    const end = await supervise({ order, compileCacheFolder }).exited;

    expect(end).toMatchObject({ exitCode: 0, signal: null, reason: null });
    expect(end.peakRssMiB).toBeGreaterThan(90);
    expect(end.peakRssMiB).toBeLessThan(150);
    expect(end.sampleHz).toBeGreaterThan(0);
  });

  it('has the CPU time of its children counted, as they measure it themselves', async () => {
    const burn = 'import time\nwhile time.process_time() < 0.4: pass\nprint(time.process_time())';
    const order = orderOf([python, '-c', `import subprocess, sys; subprocess.run([sys.executable, '-c', ${JSON.stringify(burn)}])`]);

    const end = await supervise({ order, compileCacheFolder }).exited;

    const measured = Number(readFileSync(order.logFile, 'utf8'));
    expect(measured).toBeGreaterThanOrEqual(0.4);
    expect(end.cpuSeconds).toBeGreaterThanOrEqual(measured - 0.02);
  });

  it('ends with its own exit code and the end of its log', async () => {
    const order = orderOf([python, '-c', 'import sys; print("first"); print("last words", file=sys.stderr); sys.exit(7)']);

    const end = await supervise({ order, compileCacheFolder }).exited;

    expect(end).toMatchObject({ exitCode: 7, signal: null, reason: null });
    expect(end.logTail).toContain('last words');
  });

  it('cannot fill the disk with its log, whose newest lines stay', async () => {
    const chatter =
      'import time\nfor n in range(40):\n  print("x" * 9999, n, flush=True); time.sleep(0.02)\nprint("done", flush=True); time.sleep(0.3)';
    const order = orderOf([python, '-c', chatter], { logMaxBytes: 50_000 });

    const end = await supervise({ order, compileCacheFolder }).exited;

    expect(end.logTail).toMatch(/done$/);
    expect(statSync(order.logFile).size).toBeLessThan(150_000);
  });

  it('that cannot be started says why', async () => {
    const end = await supervise({ order: orderOf(['/nowhere/python']), compileCacheFolder }).exited;

    expect(end).toMatchObject({ exitCode: null, peakRssMiB: null, cpuSeconds: null });
    expect(end.reason).toMatch(/^spawn-failed: .*ENOENT/);
  });
});

describe('killing by token', () => {
  it('takes the bearers of exactly this token and nobody else', async () => {
    const start = (token: string, more = {}) => spawn('sleep', ['600'], { env: { BAKEOFF_INSTANCE: token, ...more } }).pid!;
    const token = `exact-${process.pid}`;
    const [bearer, longer, driver] = [start(token), start(`${token}0`), start(token, { BAKEOFF_TASK_ID: 'local-1' })];

    expect(await killByToken(token, { spareDriver: true })).toEqual([]);

    await awaitDeath({ bearer });
    expect([isAlive(longer), isAlive(driver)]).toEqual([true, true]);
    await killByToken(token);
    await awaitDeath({ driver });
    await killByToken(`${token}0`);
    await awaitCondition('the last one goes', () => !isAlive(longer));
  });
});

/** Without its supervisor nobody has seen the process that drops its environment: the limit that the documentation states. */
async function killBare(folder: string): Promise<void> {
  const bare = await awaitPid(folder, 'bare');
  process.kill(bare, 'SIGKILL');
  await awaitDeath({ bare });
}
