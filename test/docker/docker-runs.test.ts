/**
 * Whole runs in real containers through the CLI: what a model reaches and may do, every ending, and that nothing of them stays. Without
 * Docker it skips and says so; BAKEOFF_REQUIRE_DOCKER=1 makes that a failure. Nothing is pulled, nothing leaves the machine.
 */
import { existsSync, readdirSync } from 'node:fs';
import { createServer as createHttpServer } from 'node:http';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { docker } from '../isolation/test-containers.ts';
import { awaitCondition } from '../local/process/await-condition.ts';
import { containersOf, type DockerRuns, dockerRuns, type RunEnd, whyNoDocker } from './docker-runs.ts';

const why = whyNoDocker();
const isRequired = process.env.BAKEOFF_REQUIRE_DOCKER === '1';
if (why !== null && !isRequired) console.warn(`\nNOT TESTED: runs in containers, for ${why}.\n`);

let runs: DockerRuns;
beforeAll(() => {
  if (why === null || isRequired) runs = dockerRuns();
}, 300_000);
afterAll(() => runs?.close());

function expectNothingLeft(dir: string): void {
  expect(containersOf(dir)).toEqual([]);
  for (const folder of ['scratch', 'tasks']) expect(existsSync(join(dir, folder)) ? readdirSync(join(dir, folder)) : []).toEqual([]);
}

const textOf = ({ rows }: RunEnd, sample: string): string => {
  const row = rows.find(({ sampleId }) => sampleId === sample);
  return row?.state === 'succeeded' ? String(row.output.text) : JSON.stringify(row);
};
const failureOf = ({ rows }: RunEnd, sample: string) => {
  const row = rows.find(({ sampleId }) => sampleId === sample);
  return row?.state === 'failed' ? row.error : null;
};

describe.skipIf(why !== null && !isRequired)('a run of an image', () => {
  it('answers as the image does, and tells which image it was; nothing stays', async () => {
    const end = await runs.run('plain', { messages: ['one', 'two'] });

    expect(end.exitCode).toBe(0);
    expect(textOf(end, 'item-0.0')).toMatch(/^echo one \d+$/);
    const id = docker(['image', 'inspect', '--format', '{{.Id}}', runs.image]).replace('sha256:', '');
    const name = runs.image.split(':')[0];
    expect(end.report?.run.environment).toBe('docker');
    expect(end.report?.jobs[0]?.containers).toEqual([{ stage: 'infer', image: `${name}@sha256:${id}`, digest: id }]);
    expect(end.report?.jobs[0]?.resources[0]?.peakRssMiB).toBeGreaterThan(10);
    expect(end.report?.jobs[0]?.resources[0]?.cpuSeconds).toBeGreaterThan(0);
    expectNothingLeft(end.dir);
  });

  it('gives the model loopback and nothing else: neither this machine nor anything behind it', async () => {
    const here = await listening('0.0.0.0');
    const port = (here.address() as AddressInfo).port;
    const own = Object.values(networkInterfaces()).flatMap((each) => each ?? []);
    const addresses = own.filter(({ family, internal }) => family === 'IPv4' && !internal).map(({ address }) => address);
    const targets = [...addresses, '127.0.0.1', '169.254.169.254', '192.0.2.2', '2001:db8::2'].map((host) => ({ host, port }));
    try {
      const end = await runs.run('reach', { messages: [`reach ${JSON.stringify(targets)}`] });

      const results: string[] = JSON.parse(textOf(end, 'item-0.0'));
      expect(addresses.length).toBeGreaterThan(0);
      expect(results).toHaveLength(targets.length);
      expect(new Set(results)).toEqual(new Set(['ENETUNREACH', 'ECONNREFUSED', 'EADDRNOTAVAIL'].filter((code) => results.includes(code))));
      expect(results[addresses.length]).toBe('ECONNREFUSED');
    } finally {
      here.close();
    }
  });

  it('gives the model no rights, a read-only root, and no variable of the shell', async () => {
    const end = await runs.run('rights', { messages: ['rights'], entry: { environment: { MODE: 'x' } } }, { SECRET_OF_SHELL: 'x' });

    const seen = JSON.parse(textOf(end, 'item-0.0'));
    expect(seen).toMatchObject({ uid: 10001, gid: 10000, root: 'EROFS', inputs: 'EROFS', noNewPrivileges: '1' });
    expect([Number(`0x${seen.capabilities}`), Number(`0x${seen.bounding}`)]).toEqual([0, 0]);
    expect(seen.environment).toContain('MODE');
    expect(seen.environment).not.toContain('SECRET_OF_SHELL');
  });

  it('fails a sample by oom_host when the kernel kills for memory, on that evidence', async () => {
    const end = await runs.run('memory', { messages: ['one', 'memory', 'three'] });

    expect(failureOf(end, 'item-1.0')).toMatchObject({ class: 'oom_host' });
    expect(textOf(end, 'item-2.0')).toMatch(/^echo three/);
    expect(end.exitCode).toBe(3);
    expectNothingLeft(end.dir);
  });

  it('lets a full disk be the answer of the model, not the end of the machine', async () => {
    const end = await runs.run('full', { messages: ['full'] });

    expect(textOf(end, 'item-0.0')).toMatch(/ENOSPC/);
  });

  it('fails the sample that kills its server, and serves the others', async () => {
    const end = await runs.run('die', { messages: ['die', 'two'] });

    expect(failureOf(end, 'item-0.0')).not.toBeNull();
    expect(textOf(end, 'item-1.0')).toMatch(/^echo two/);
    expectNothingLeft(end.dir);
  });

  it('says what a container said that exits at its start', async () => {
    const end = await runs.run('exits', { messages: ['one'], entry: { command: ['exit'] } });

    expect(end.exitCode).toBe(3);
    expect(end.report?.jobs[0]?.failure).toMatchObject({ class: 'model_error', code: 'server-died' });
    expect(end.report?.jobs[0]?.failure?.message).toContain('no weights here');
    expectNothingLeft(end.dir);
  });

  it('says what became of a command that is none', async () => {
    const plain = runs.image.replace('-model', '');
    const end = await runs.run('no-command', { messages: ['one'], entry: { image: plain, command: ['/nothing'] } });

    expect(end.exitCode).toBe(3);
    expect(end.report?.jobs[0]?.failure).toMatchObject({ class: 'model_error', code: 'server-died' });
    expect(end.report?.jobs[0]?.failure?.message).toContain('/nothing');
    expectNothingLeft(end.dir);
  });

  it('refuses an image that is nowhere before anything starts', async () => {
    const end = await runs.run('missing', { messages: ['one'], entry: { image: '127.0.0.1:9/nobody/nothing:1' } });

    expect(end.exitCode).toBe(4);
    expect(end.stderr).toContain('the image 127.0.0.1:9/nobody/nothing:1 is not on this machine');
  });

  it('refuses --env process for an image', async () => {
    const end = await runs.run('process', { messages: ['one'], words: ['--env', 'process'] });

    expect(end.exitCode).toBe(2);
    expect(end.stderr).toContain('cannot run in the environment process');
  });

  it('tells that no Docker answers, and what to do', async () => {
    const end = await runs.run('no-docker', { messages: ['one'] }, { DOCKER_HOST: `unix://${runs.work}/nothing.sock` });

    expect(end.exitCode).toBe(4);
    expect(end.stderr).toContain('no Docker daemon answers');
  });

  it('ends a server that hangs', async () => {
    const end = await runs.run('hang', {
      messages: ['hang', 'two'],
      spec: { limits: { ready: '30s', sample: '2s', job: '3m', maxErrorRate: 1 } },
    });

    expect(failureOf(end, 'item-0.0')).toMatchObject({ class: 'timeout' });
    expect(textOf(end, 'item-1.0')).toMatch(/^echo two/);
    expectNothingLeft(end.dir);
  });
});

describe.skipIf(why !== null && !isRequired)('a run that is killed', () => {
  it('leaves no container after kill -9: another process removes them; the run goes on from there', async () => {
    const dir = runs.dirOf('killed');
    const cli = runs.start('killed', { messages: ['one', 'slow', 'three'] });
    await awaitCondition('both containers run', () => containersOf(dir).filter((line) => line.endsWith(' running')).length === 2);
    cli.process.kill('SIGKILL');
    await cli.ended;

    await awaitCondition('no container is left', () => containersOf(dir).length === 0);
    const again = await runs.run('killed', {
      messages: ['one', 'slow', 'three'],
      words: ['--resume', '--limit', '3'],
    });
    expect(again.stderr).not.toContain('not looked for');
    expectNothingLeft(dir);
  }, 300_000);

  it('removes what a killed machine left, by its label', async () => {
    const dir = runs.dirOf('left');
    const owner = (pid: number, startedAt: string) => `dev.bakeoff.owner=${JSON.stringify({ pid, startedAt })}`;
    const label = ['--label', `dev.bakeoff.dir=${dir}`];
    const plain = runs.image.replace('-model', '');
    docker(['create', '--name', `left-${process.pid}`, ...label, '--label', owner(process.pid, 'of another boot'), plain, '/node']);

    const end = await runs.run('left', { messages: ['one'] });

    expect(end.exitCode).toBe(0);
    expect(containersOf(dir)).toEqual([]);
  });

  it('says that Docker went away, when it does in the middle of a run; the run can be resumed', async () => {
    const socket = join(runs.work, 'cut.sock');
    const proxy = await cuttable(socket);
    const dir = runs.dirOf('cut');
    const cli = runs.start(
      'cut',
      { messages: ['one', 'slow'], spec: { limits: { ready: '30s', sample: '5s', job: '3m' } } },
      { DOCKER_HOST: `unix://${socket}` },
    );
    await awaitCondition('both containers run', () => containersOf(dir).filter((line) => line.endsWith(' running')).length === 2);
    proxy.cut();

    const ended = runs.end('cut', await cli.ended);

    expect(ended.exitCode).not.toBe(0);
    expect(ended.stdout + ended.stderr).toMatch(/docker-gone|docker-unreachable|Docker/);
    expect(ended.stdout + ended.stderr).not.toMatch(/\n\s+at /);
    const again = await runs.run('cut', {
      messages: ['one', 'slow'],
      words: ['--resume'],
      spec: { limits: { ready: '30s', sample: '5s', job: '3m' } },
    });
    expect(textOf(again, 'item-0.0')).toMatch(/^echo one/);
    expectNothingLeft(dir);
  }, 300_000);
});

async function listening(host: string): Promise<Server> {
  const server = createHttpServer((_, response) => response.end('reached'));
  await new Promise<void>((resolve) => server.listen(0, host, resolve));
  return server;
}

/** Docker's socket through one of ours, which can be taken away. */
async function cuttable(path: string): Promise<{ readonly cut: () => void }> {
  const open = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true }, (near) => {
    const far = connect({ path: '/var/run/docker.sock', allowHalfOpen: true });
    for (const socket of [near, far]) {
      open.add(socket);
      socket.on('error', () => undefined).on('close', () => open.delete(socket));
    }
    near.pipe(far).pipe(near);
  });
  await new Promise<void>((resolve) => server.listen(path, resolve));
  return {
    cut: () => {
      server.close();
      for (const socket of open) socket.destroy();
    },
  };
}
