/**
 * The compute with real servers and drivers: what a task is given, how it ends, and that nothing of it stays. One file, and long, because
 * the environments of its packages take seconds to build.
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { z } from 'zod';
import { type LocalCompute, localCompute } from '../../lib/adapters/local/local-compute.ts';
import { type Environments, environments } from '../../lib/adapters/local/process/environments.ts';
import type { LocalPackage } from '../../lib/adapters/local/process/local-package.ts';
import { isAlive, listPids, readEnvironment } from '../../lib/adapters/local/process/process-table.ts';
import { jobSchema, taskFactsSchema } from '../../lib/core/job.ts';
import { awaitCondition, awaitDeath } from './process/await-condition.ts';
import { digestOf, openWorkbench, type PackageChanges, type Workbench } from './process/tiny-packages.ts';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });
const here = join(import.meta.dirname, 'process');
const adapter = readFileSync(join(here, 'tiny-server.py'), 'utf8');
const seenSchema = z.object({
  server: z.object({
    instance: z.string(),
    environment: z.record(z.string(), z.string()),
    cwd: z.string(),
    pid: z.number(),
    path: z.array(z.string()),
    cores: z.number(),
  }),
  environment: z.record(z.string(), z.string()),
  pid: z.number(),
});
const request = { runId: 'run', jobId: 'tiny-12345678', stage: 'infer', attempt: 3 };
const digest = digestOf('any');
const job = jobSchema.parse({
  schema: 1,
  runId: 'run',
  jobId: 'tiny-12345678',
  ordinal: 0,
  model: { id: 'tiny', version: '1.0.0', digest, title: 'Tiny', reference: false, protocol: 'native' },
  task: 'tabular-regression',
  params: {},
  specSeed: 1,
  repeats: 1,
  itemCount: 1,
  itemsKey: 'items',
  referencesKey: 'references',
  load: { mode: 'closed', concurrency: 1, warmup: 0 },
  limits: { readyMs: 1, sampleMs: 1, jobMs: 1, maxErrorRate: 1, minSamplesForStop: 1 },
  builtinScorers: [],
  evaluators: [],
});

let bench: Workbench;
let made: Environments;
let cacheDir = '';
beforeAll(async () => {
  bench = await openWorkbench();
  cacheDir = mkdtempSync(join(bench.root, 'cache-'));
  made = environments({ cacheDir, python: bench.python.executable, installerEnv: bench.env });
});
afterAll(() => rmSync(bench.root, { recursive: true, force: true }));

interface Stage {
  readonly dir: string;
  readonly facts: string;
  readonly compute: LocalCompute;
  readonly localPackage: LocalPackage;
  readonly log: string[];
  readonly seen: () => z.infer<typeof seenSchema> | null;
}

function stageOf(mode: string, changes: PackageChanges = {}, choosePort?: () => Promise<number>): Stage {
  const dir = mkdtempSync(join(bench.root, 'dir-'));
  const facts = join(dir, 'seen.json');
  const localPackage = bench.pythonPackage('tiny', '1.0.0', { adapter, ...changes });
  const log: string[] = [];
  const compute = localCompute({
    dir,
    cacheDir,
    path: bench.env.PATH ?? '',
    home: dir,
    environments: made,
    findPackage: () => localPackage,
    sdkFolder: '/sdk/src',
    driverProgram: join(here, 'tiny-driver.ts'),
    clock: { nowMs: () => 1000 },
    onLog: (_request, line) => log.push(line),
    driverEnv: { TINY_MODE: mode, TINY_FACTS: facts },
    ...(choosePort === undefined ? {} : { choosePort }),
  });
  const seen = () => {
    try {
      return seenSchema.parse(JSON.parse(readFileSync(facts, 'utf8')));
    } catch {
      return null;
    }
  };
  return { dir, facts, compute, localPackage, log, seen };
}

async function awaitSeen(stage: Stage): Promise<z.infer<typeof seenSchema>> {
  await awaitCondition('the driver has seen its server', () => stage.seen() !== null);
  return stage.seen()!;
}

/** The one task that is recorded now. */
function taskIdOf(stage: Stage): string {
  return readdirSync(join(stage.dir, 'tasks'))[0]!.replace('.json', '');
}

function expectNothingLeft(stage: Stage, instance: string): void {
  expect(readdirSync(join(stage.dir, 'scratch'))).toEqual([]);
  expect(readdirSync(join(stage.dir, 'tasks'))).toEqual([]);
  expect(listPids().filter((pid) => readEnvironment(pid).includes(`BAKEOFF_INSTANCE=${instance}`))).toEqual([]);
}

describe('a task', () => {
  it('runs a driver beside a server, and tells what it saw; nothing stays', async () => {
    const stage = stageOf('done');

    const facts = await stage.compute.runTask(request, job);

    expect(taskFactsSchema.parse(facts)).toMatchObject({ stage: 'infer', attempt: 3, startedAtMs: 1000, driverExitCode: 0, error: null });
    expect(facts.taskId).toMatch(/^local-[0-9a-f-]{36}$/);
    // The driver, a Node process of 40 MiB and more, carries the same instance and is no part of the server.
    expect(facts.server.peakRssMiB).toBeGreaterThan(5);
    expect(facts.server.peakRssMiB).toBeLessThan(38);
    expect(facts.server.cpuSeconds).toBeGreaterThan(0);
    expect(Object.keys(facts.phasesMs)).toEqual(['install', 'start', 'driver', 'stop']);
    const sum = Object.values(facts.phasesMs).reduce((total, each) => total + each, 0);
    expect(sum).toBeCloseTo(facts.endedAtMs - facts.startedAtMs, 6);
    expect(stage.log).toEqual(['driving tiny-12345678']);
    expectNothingLeft(stage, stage.seen()!.server.instance);
  });

  it('gives its server the variables of the allow list and no other', async () => {
    const stage = stageOf('done');

    await stage.compute.runTask(request, job);

    const { server, environment } = stage.seen()!;
    const expected = [
      'BAKEOFF_CPUS',
      'BAKEOFF_INPUTS',
      'BAKEOFF_INSTANCE',
      'BAKEOFF_OUTPUTS',
      'HOME',
      'HOST',
      'LANG',
      'MKL_NUM_THREADS',
      'NUMEXPR_NUM_THREADS',
    ];
    const more = ['OMP_NUM_THREADS', 'OPENBLAS_NUM_THREADS', 'PATH', 'PORT', 'PYTHONPATH', 'TMPDIR'];
    expect(
      Object.keys(server.environment)
        .filter((name) => name !== 'LC_CTYPE')
        .sort(),
    ).toEqual([...expected, ...more].sort());
    expect(server.environment).toMatchObject({
      HOST: '127.0.0.1',
      BAKEOFF_CPUS: '1',
      OMP_NUM_THREADS: '1',
      PYTHONPATH: `${stage.localPackage.folder}:/sdk/src`,
    });
    expect(server.cwd).toBe(stage.localPackage.folder);
    expect(server.environment.BAKEOFF_OUTPUTS).toBe(environment.BAKEOFF_OUTPUTS);
    expect(server.environment.HOME).toContain(join(stage.dir, 'scratch'));
  });

  it('gives its driver the task, the instance and the address', async () => {
    const stage = stageOf('done');

    const facts = await stage.compute.runTask(request, job);

    const { server, environment } = stage.seen()!;
    expect(environment).toMatchObject({
      BAKEOFF_DIR: stage.dir,
      BAKEOFF_RUN: 'run',
      BAKEOFF_JOB: 'tiny-12345678',
      BAKEOFF_STAGE: 'infer',
      BAKEOFF_ATTEMPT: '3',
    });
    expect(environment).toMatchObject({
      BAKEOFF_TASK_ID: facts.taskId,
      BAKEOFF_INSTANCE: server.instance,
      BAKEOFF_SERVER_URL: `http://127.0.0.1:${server.environment.PORT}`,
    });
  });

  it.skipIf(availableParallelism() < 2)('keeps its server on the cores that the manifest declares', async () => {
    const stage = stageOf('done');

    await stage.compute.runTask(request, job);

    expect(stage.seen()!.server.cores).toBe(1);
  });

  it('tells its driver when the server dies, with the evidence of memory', async () => {
    const hog = 'import time\nhold = bytearray(80 << 20)\ntime.sleep(600)';
    const stage = stageOf('until-server-exit', { adapter: hog, memoryMiB: 60 });

    const facts = await stage.compute.runTask(request, job);

    expect(JSON.parse(readFileSync(stage.facts, 'utf8'))).toEqual({
      event: 'server-exited',
      exitCode: null,
      signal: 'SIGKILL',
      reason: 'OutOfMemoryError',
    });
    expect(facts).toMatchObject({ driverExitCode: 9, server: { reason: 'OutOfMemoryError', signal: 'SIGKILL' }, error: null });
  });

  it('keeps the last words of a server that cannot start', async () => {
    const stage = stageOf('until-server-exit', { adapter: 'import sys\nsys.exit("the model has no weights")' });

    const facts = await stage.compute.runTask(request, job);

    expect(facts.server).toMatchObject({ exitCode: 1, signal: null, reason: null, logTail: 'the model has no weights' });
  });

  it('ends with its server when its driver is killed', async () => {
    const stage = stageOf('stay');
    const running = stage.compute.runTask(request, job);
    const { pid, server } = await awaitSeen(stage);

    process.kill(pid, 'SIGKILL');
    const facts = await running;

    expect(facts.driverExitCode).toBeNull();
    await awaitDeath({ server: server.pid });
    expectNothingLeft(stage, server.instance);
  });

  it('ends at once, driver and server, when it is stopped', async () => {
    const stage = stageOf('stay');
    const running = stage.compute.runTask(request, job);
    const { pid, server } = await awaitSeen(stage);

    await stage.compute.stopTask(taskIdOf(stage));

    expect([isAlive(pid), isAlive(server.pid)]).toEqual([false, false]);
    expect((await running).driverExitCode).toBeNull();
    expectNothingLeft(stage, server.instance);
  });

  it('lets its driver end cleanly on an interrupt', async () => {
    const stage = stageOf('stay');
    const running = stage.compute.runTask(request, job);
    const { server } = await awaitSeen(stage);

    stage.compute.interrupt();

    expect((await running).driverExitCode).toBe(6);
    expectNothingLeft(stage, server.instance);
  });

  it('fails with port-taken, a failure of the infrastructure, when another listens there', async () => {
    const squatter = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => squatter.once('listening', resolve));
    const address = z.object({ port: z.number() }).parse(squatter.address());
    const stage = stageOf('until-server-exit', {}, async () => address.port);

    const facts = await stage.compute.runTask(request, job);

    squatter.close();
    expect(facts.error).toMatchObject({
      class: 'infra',
      code: 'port-taken',
      message: expect.stringContaining(`127.0.0.1:${address.port}`),
    });
  });
});

describe('a task that cannot run', () => {
  it('for a file that is not the pinned one names both digests and starts nothing', async () => {
    const text = 'alpha';
    const stage = stageOf('done', { files: [{ path: 'data.csv', sha256: digestOf('other'), bytes: text.length }] });
    writeFileSync(join(stage.localPackage.folder, 'data.csv'), text);

    const facts = await stage.compute.runTask(request, job);

    expect(facts).toMatchObject({
      driverExitCode: null,
      server: { exitCode: null },
      error: { class: 'infra', code: 'package-file-corrupt' },
    });
    expect(facts.error?.message).toContain(digestOf('alpha'));
    expect(facts.error?.message).toContain(digestOf('other'));
    expect(stage.seen()).toBeNull();
  });

  it('for a file that is missing or cut says so', async () => {
    const missing = stageOf('done', { files: [{ path: 'gone.csv', sha256: digestOf(''), bytes: 1 }] });
    expect((await missing.compute.runTask(request, job)).error).toMatchObject({ code: 'package-file-missing' });

    const cut = stageOf('done', { files: [{ path: 'cut.csv', sha256: digestOf('full'), bytes: 4 }] });
    writeFileSync(join(cut.localPackage.folder, 'cut.csv'), 'fu');
    expect((await cut.compute.runTask(request, job)).error).toMatchObject({
      code: 'package-file-corrupt',
      message: expect.stringContaining('2 bytes'),
    });
  });

  it('for an environment that cannot be built has the installer’s words as a failure of the infrastructure', async () => {
    const stage = stageOf('done', { lock: `widget==9.9.9 --hash=sha256:${'0'.repeat(64)}\n` });

    const facts = await stage.compute.runTask(request, job);

    expect(facts.error).toMatchObject({ class: 'infra', code: 'install-failed', message: expect.stringContaining('widget') });
    expect(facts.phasesMs.install).toBeGreaterThan(0);
  });
});

describe('what a killed CLI left behind', () => {
  it('is ended and removed by the next start; a live owner’s task is not touched', async () => {
    const stage = stageOf('stay');
    const running = stage.compute.runTask(request, job);
    const { server, pid } = await awaitSeen(stage);

    expect(await stage.compute.sweep()).toBe(0);
    expect([isAlive(pid), isAlive(server.pid)]).toEqual([true, true]);

    const record = join(stage.dir, 'tasks', `${taskIdOf(stage)}.json`);
    writeFileSync(record, readFileSync(record, 'utf8').replace(/"startedAt":"\d+"/, '"startedAt":"1"'));
    expect(await stage.compute.sweep()).toBe(1);

    await running;
    await awaitDeath({ driver: pid, server: server.pid });
    expectNothingLeft(stage, server.instance);
  });
});
