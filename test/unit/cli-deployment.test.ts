/** The verbs against a deployment: a stack in MiniStack, the real API behind it, signed requests over a real connection. */
import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GetObjectCommand, ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { readLocalSuite } from '../../lib/compose/local-registry.ts';
import { keys } from '../../lib/core/object-key.ts';
import { type MiniStack, startMiniStack } from '../emulator/ministack.ts';
import { storeRun } from '../fixtures/api-fixture.ts';
import { callCli, type DeploymentFixture, deploymentFixture } from '../fixtures/deployment-fixture.ts';
import { writeImageSuite } from '../fixtures/installation-fixture.ts';
import { DIABETES_SPEC, OCR_SPEC, testRegistry } from '../fixtures/registry-fixture.ts';
import { beat } from '../fixtures/run-records.ts';

let emulator: MiniStack;
let deployed: DeploymentFixture;
let dir = '';
let suiteIsThere = false;

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'bakeoff-cli-'));
  await writeFile(join(dir, 'diabetes.json'), DIABETES_SPEC);
  emulator = await startMiniStack();
  for (const [name, value] of Object.entries(emulator.env)) vi.stubEnv(name, value);
  const readRegistry = async () => {
    if (!suiteIsThere) return testRegistry;
    const suite = await readLocalSuite(join(dir, 'images'));
    return { ...testRegistry, suites: new Map([...testRegistry.suites, ['images', suite]]) };
  };
  deployed = await deploymentFixture(emulator, { ports: { readRegistry } });
  await storeRun(deployed.api, { runId: 'done-1' });
});
afterAll(async () => {
  await deployed?.close();
  await emulator?.stop();
  await rm(dir, { recursive: true, force: true });
});
afterEach(() => {
  expect(deployed.unsigned.splice(0)).toEqual([]);
  deployed.faults.splice(0);
  deployed.seen.splice(0);
});

const cli = (...argv: string[]) => callCli([...argv, '--stack', 'bakeoff-service'], { cwd: dir });
const json = async (...argv: string[]) => JSON.parse((await cli(...argv, '--json')).stdout);
const wide = (text: string) => text.split('\n').filter((line) => line.length > 80);

/** A run that is under way, with one job of its two that infers. */
async function startedRun(runId: string): Promise<void> {
  const { stores } = deployed.api;
  await storeRun(deployed.api, { runId });
  const run = (await stores.runs.getRun(runId))!;
  await stores.runs.replaceRun({ ...run, version: run.version + 1, state: 'running', finishedAtMs: null });
  const [job] = await stores.runs.listJobs(runId);
  const stages = job!.stages.map((stage) =>
    stage.name === 'infer' ? { ...stage, status: 'running' as const, outcome: null } : { ...stage, status: 'pending' as const },
  );
  await stores.runs.replaceJob({ ...job!, version: job!.version + 1, state: 'running', stages });
  await stores.runs.putBeat(beat({ runId, jobId: job!.jobId, attempt: 1, atMs: Date.now() }));
}

async function endRun(runId: string): Promise<void> {
  const { stores } = deployed.api;
  const [job] = await stores.runs.listJobs(runId);
  await stores.runs.replaceJob({
    ...job!,
    version: job!.version + 1,
    state: 'succeeded',
    stages: job!.stages.map((stage) => ({ ...stage, status: 'finished' as const })),
  });
  const run = (await stores.runs.getRun(runId))!;
  await stores.runs.replaceRun({ ...run, version: run.version + 1, state: 'succeeded', finishedAtMs: run.createdAtMs + 60_000 });
}

describe('reading runs', () => {
  it('lists them as those of this machine, with signed requests below the base path', async () => {
    const { exitCode, stdout, stderr } = await cli('list');

    expect([exitCode, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(/^run\s+state\s+started \(UTC\)\s+took\s+spec\ndone-1\s+succeeded\s+2026-11-20 12:00 .* diabetes\n/);
    expect(deployed.seen.map(({ method, path }) => `${method} ${path}`)).toEqual(['GET /v1/runs?limit=100']);
    expect(await json('list')).toMatchObject({ stack: 'bakeoff-service', runs: [{ runId: 'done-1', state: 'succeeded', starts: 1 }] });
  });

  it('means this machine with --dir, whatever BAKEOFF_STACK says', async () => {
    const local = await callCli(['list', '--dir', 'none'], { cwd: dir, environment: { BAKEOFF_STACK: 'bakeoff-service' } });
    expect(local.stdout).toContain('no runs in');
    const remote = await callCli(['list'], { cwd: dir, environment: { BAKEOFF_STACK: 'bakeoff' } });
    expect(remote.stdout).toContain('done-1');
  });

  it('shows one with its leaderboard, in 80 columns', async () => {
    const { exitCode, stdout } = await cli('show', 'latest');

    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/^done-1 {2}2\/2 jobs/);
    expect(stdout).toContain('✓ ridge · alpha 0.1');
    expect(stdout).toMatch(/\nreport: bakeoff report done-1 --stack bakeoff-service\n$/);
    expect(wide(stdout)).toEqual([]);
    expect(await json('show', 'done')).toMatchObject({
      runId: 'done-1',
      state: 'succeeded',
      jobs: [{ model: 'ridge' }, { model: 'ridge' }],
    });
  });

  it('names the nearest run for one that is not there', async () => {
    const { exitCode, stderr } = await cli('show', 'dome-1');
    expect([exitCode, stderr.replaceAll(/\s+/g, ' ')]).toEqual([2, expect.stringContaining('did you mean done-1?')]);
  });

  it('downloads the report without credentials on the link, and prints a link only when asked', async () => {
    const { stdout } = await cli('report', 'done-1');

    const folder = join(dir, 'bakeoff-out/bakeoff-service/runs/done-1/report');
    expect(stdout.trim().split('\n')).toEqual(
      ['index.html', 'report.json', 'report.md', 'leaderboard.csv', 'report.tex'].map((name) => join(folder, name)),
    );
    const stored = await deployed.api.stores.objects.get(keys.report('done-1', 'index.html'));
    expect(await readFile(join(folder, 'index.html'), 'utf8')).toBe(Buffer.from(stored!).toString('utf8'));
    expect(stdout).not.toContain('Signature');
    expect((await cli('report', 'done-1', '--link')).stdout).toMatch(
      /^http:.*\/signed\/runs\/done-1\/report\/index\.html\?X-Amz-Signature=secret\n$/,
    );
  });
});

describe('submitting', () => {
  it('starts one run, however often the request has to be sent', async () => {
    deployed.faults.push(
      () => false,
      (_request, response) => Boolean(response.writeHead(503).end('{"message":"Service Unavailable"}')),
      (request) => Boolean(request.socket.destroy()),
      (_request, response) => Boolean(response.writeHead(429, { 'retry-after': '0' }).end('{"message":"Too Many Requests"}')),
    );

    const { exitCode, stdout, stderr } = await cli('submit', 'diabetes.json');

    const posts = deployed.seen.filter(({ path }) => path === '/v1/runs');
    expect(exitCode).toBe(0);
    expect(posts.map(({ status }) => status)).toEqual([503, 200, 429, 202]);
    expect(new Set(posts.map(({ key }) => key)).size).toBe(1);
    expect(posts[0]?.key).toMatch(/^[0-9a-f-]{36}$/);
    expect(deployed.api.startedExecutions.filter((name) => name.startsWith(stdout.trim()))).toHaveLength(1);
    expect(stderr).toBe(`run ${stdout.trim()} is started; follow it with:\n  bakeoff watch ${stdout.trim()} --stack bakeoff-service\n`);
  });

  it('says of a key that was used before that nothing new was started', async () => {
    const first = await cli('submit', 'diabetes.json', '--key', 'once');
    const second = await cli('submit', 'diabetes.json', '--key', 'once');

    expect(second.stdout).toBe(first.stdout);
    const told = second.stderr.replaceAll(/\s+/g, ' ');
    expect(told).toContain('was started before with this key, and nothing new now; follow it with: bakeoff watch');
    expect(told).not.toContain('is started');
    expect(wide(second.stderr)).toEqual([]);
  });

  it('says that a start is not certain when no answer comes, and how to make it so', async () => {
    const dead = () => (_request: unknown, response: { writeHead: (status: number) => { end: (text: string) => unknown } }) =>
      Boolean(response.writeHead(500).end('{"message":"Internal Server Error"}'));
    deployed.faults.push(() => false, ...Array.from({ length: 5 }, dead));

    const { exitCode, stderr } = await cli('submit', 'diabetes.json');

    expect(exitCode).toBe(4);
    expect(stderr.replaceAll(/\s+/g, ' ')).toMatch(/whether the run was started is not known.*with --key [0-9a-f-]{36}/);
    expect(wide(stderr)).toEqual([]);
  });

  it('tells all problems that the deployment finds, at their places, and starts nothing', async () => {
    await writeFile(
      join(dir, 'typo.yaml'),
      OCR_SPEC.replace('model: tesseract, params: { language: eng }', 'model: tesseratc, params: { language: eng }'),
    );
    const before = deployed.api.startedExecutions.length;

    const { exitCode, stderr } = await cli('submit', 'typo.yaml');

    expect(exitCode).toBe(2);
    expect(stderr).toContain('error[unknown-model]');
    expect(stderr).toContain('at typo.yaml:5:14');
    expect(stderr.replaceAll(/\s+/g, ' ')).toContain('What counts are the models and suites of bakeoff-service');
    expect(wide(stderr)).toEqual([]);
    expect(deployed.api.startedExecutions).toHaveLength(before);
  });

  it('brings a suite along that the spec names by its folder, and sends no file twice', async () => {
    await writeImageSuite(join(dir, 'images'));
    await writeFile(join(dir, 'ocr.yaml'), OCR_SPEC.replace('suite: ocr-lines', 'suite: ./images'));
    const s3 = new S3Client(emulator.clientConfig);
    await cli('submit', 'ocr.yaml');
    suiteIsThere = true;

    const stored = await s3.send(new ListObjectsV2Command({ Bucket: deployed.bucket }));
    expect(stored.Contents?.map(({ Key }) => Key)).toEqual(
      ['images/0.png', 'images/1.png', 'items.jsonl', 'suite.yaml'].map((name) => `suites/images/${name}`),
    );
    const image = await s3.send(new GetObjectCommand({ Bucket: deployed.bucket, Key: 'suites/images/images/1.png' }));
    expect(await image.Body?.transformToString()).toBe('image 1');
    expect((await cli('submit', 'ocr.yaml')).stderr).not.toContain('uploaded');

    suiteIsThere = false;
    expect((await cli('submit', 'ocr.yaml')).stderr).toContain('uploaded suite images 1.0.0: 0 files, 0.0 MB; 4 were there');
  });

  it('puts the times of a trace into the spec, and tells what is wrong with their file before anything is sent', async () => {
    await writeFile(join(dir, 'times.txt'), '0\n0.25 # a quarter\n');
    await writeFile(join(dir, 'bad.txt'), '0\nsoon\n');
    const traced = (file: string) => OCR_SPEC.replace(/^load: .*$/m, `load: { mode: trace, file: ${file} }`);
    await writeFile(join(dir, 'traced.yaml'), traced('times.txt'));
    await writeFile(join(dir, 'broken.yaml'), traced('bad.txt'));

    const { exitCode, stdout } = await cli('submit', 'traced.yaml');
    const before = deployed.seen.length;
    const refused = await cli('submit', 'broken.yaml');

    expect(exitCode).toBe(0);
    const stored = await deployed.api.stores.objects.get(keys.spec(stdout.trim()));
    expect(JSON.parse(Buffer.from(stored!).toString()).load).toMatchObject({ mode: 'trace', timesMs: [0, 250] });
    expect(refused.exitCode).toBe(2);
    expect(refused.stderr).toContain('error[trace-line-invalid]: a line of the trace is not a time: line 2');
    expect(refused.stderr).toContain('at broken.yaml:7:28 (load.file)');
    expect(deployed.seen.slice(before).filter(({ method }) => method === 'POST')).toEqual([]);
  });

  it('takes a spec or a run to go on with, not both and not none', async () => {
    expect((await cli('submit')).exitCode).toBe(2);
    expect((await cli('submit', 'diabetes.json', '--resume', 'done-1')).exitCode).toBe(2);
  });

  it('goes on with a run', async () => {
    await startedRun('again-1');
    const { exitCode, stdout, stderr } = await cli('submit', '--resume', 'again-1');
    expect([exitCode, stdout]).toEqual([0, 'again-1\n']);
    expect(stderr).toContain('is started again (start 2)');
  });
});

describe('evaluating again', () => {
  it('asks the deployment for the pass, and says how to follow it; what it refuses is told as it tells it', async () => {
    await storeRun(deployed.api, { runId: 'evaluated-1' });

    const { exitCode, stdout, stderr } = await cli('evaluate', 'evaluated-1', '--scorers', 'shapes,video');
    const twice = await cli('evaluate', 'evaluated-1', '--scorers', 'numbers');
    const refused = await cli('evaluate', 'done-1', '--scorers', 'shappes');

    expect([exitCode, stdout]).toEqual([0, 'evaluated-1\n']);
    expect(stderr).toContain('its outputs are evaluated again, pass 1 (start 2)');
    expect(stderr).toContain('bakeoff watch evaluated-1 --stack bakeoff-service');
    expect(await deployed.api.stores.objects.list(keys.evaluations('evaluated-1'))).toEqual([keys.evaluation('evaluated-1', 1)]);
    expect([twice.exitCode, refused.exitCode]).toEqual([0, 2]);
    expect(refused.stderr).toContain('error[evaluation-invalid]');
    expect(refused.stderr.replaceAll(/\s+/g, ' ')).toContain('did you mean shapes?');
    expect(wide(stderr + refused.stderr)).toEqual([]);
  });
});

describe('watching', () => {
  it('follows a run to its end, asks only for what changed, and ends as `run` does', async () => {
    await startedRun('live-1');
    setTimeout(() => void endRun('live-1'), 2500);

    const { exitCode, stdout, stderr } = await cli('watch', 'live-1');

    expect(exitCode).toBe(0);
    expect(stderr).toMatch(/> ridge · alpha 0\.1 {2}infer {2}20\/100/);
    expect(stdout).toMatch(/report: bakeoff report live-1 --stack bakeoff-service\n$/);
    const looks = deployed.seen.filter(({ path }) => path === '/v1/runs/live-1');
    expect(looks.length).toBeLessThanOrEqual(4);
    expect(looks.slice(1).every(({ etag }) => etag !== undefined)).toBe(true);
    expect(looks.map(({ status }) => status)).toContain(304);
  });

  it('outlives an API that is away for a while', async () => {
    await startedRun('away-2');
    deployed.faults.push(
      () => false,
      ...Array.from({ length: 5 }, () => (request: { socket: { destroy: () => unknown } }) => Boolean(request.socket.destroy())),
    );
    setTimeout(() => void endRun('away-2'), 1000);

    const { exitCode, stderr } = await cli('watch', 'away-2');

    expect(exitCode).toBe(0);
    expect(stderr.replaceAll(/\s+/g, ' ')).toContain('trying again, the run goes on');
  });

  it('leaves the run alone when it is interrupted, says how to go on, and goes on', async () => {
    await startedRun('left-1');
    const child = spawn(process.execPath, ['bin/bakeoff.ts', 'watch', 'left-1', '--stack', 'bakeoff-service'], {
      env: { ...process.env, ...emulator.env },
    });
    let stderr = '';
    child.stderr.on('data', (chunk) => {
      stderr += chunk;
      if (stderr.includes('20/100') && !stderr.includes('goes on without you') && !child.killed) child.kill('SIGINT');
    });

    const code = await new Promise((resolve) => child.on('close', resolve));

    expect(code).toBe(130);
    expect(stderr).toContain('run left-1 goes on without you; see how it does with:\n  bakeoff watch left-1 --stack bakeoff-service\n');
    expect((await deployed.api.stores.runs.getRun('left-1'))?.cancelRequested).toBe(false);
    await endRun('left-1');
    expect((await cli('watch', 'left-1')).exitCode).toBe(0);
  });
});

describe('a run whose spec was rejected', () => {
  it('is shown with all of its problems, and ends a watch with the code of a bad spec', async () => {
    const specText = Buffer.from(DIABETES_SPEC.replace('"ridge"', '"rigde"'));
    await deployed.api.ports.launch({ runId: 'bad-1', specText, fileName: 'bad.json' });

    const shown = await cli('show', 'bad-1');
    const watched = await cli('watch', 'bad-1', '--json');

    expect(shown.stderr).toContain('error[unknown-model]');
    expect(wide(shown.stderr)).toEqual([]);
    expect(watched.exitCode).toBe(2);
    expect(JSON.parse(watched.stdout)).toMatchObject({
      state: 'rejected',
      problems: [{ code: 'unknown-model', nearest: 'ridge' }],
      jobs: [],
    });
    expect((await cli('report', 'bad-1')).exitCode).toBe(3);
  });
});

describe('cancelling', () => {
  it('asks for the end of a run, and says of one that is over that it is', async () => {
    await startedRun('stop-1');
    const cancelled = await cli('cancel', 'stop-1');
    expect(cancelled.stdout).toContain('run stop-1 is being cancelled');
    expect(wide(cancelled.stdout)).toEqual([]);
    expect((await deployed.api.stores.runs.getRun('stop-1'))?.cancelRequested).toBe(true);

    const over = await cli('cancel', 'done-1', '--json');
    expect(over.exitCode).toBe(2);
    expect(JSON.parse(over.stdout)).toMatchObject({ error: { code: 'run-settled' } });
  });
});

describe('answers that are not what they should be', () => {
  const answering = (status: number, body: string) => {
    deployed.faults.push((_request, response) => Boolean(response.writeHead(status).end(body)));
    return cli('list');
  };

  it.each([
    ['no JSON', 200, '<html>', 'api-answer-unreadable'],
    ['another form', 200, '{"items": 7}', 'api-answer-unreadable'],
    ['far too much', 200, ' '.repeat(9 << 20), 'api-answer-too-large'],
    ['a refusal of the gateway', 403, '{"message":"Forbidden"}', 'api-access-denied'],
    ['a refusal that tries to steer the terminal', 400, '{"code":"bad-cursor","detail":"a\\u001b[2Jb","remedy":"c"}', 'bad-cursor'],
  ])('%s', async (_name, status, body, code) => {
    const { exitCode, stdout, stderr } = await answering(status, body);

    expect(stdout).toBe('');
    expect(exitCode).toBeGreaterThan(1);
    expect(stderr).toContain(`error[${code}]`);
    expect(stderr).toMatch(/\n {2}fix: /);
    expect(stderr).not.toContain(String.fromCharCode(27));
    expect(wide(stderr)).toEqual([]);
  });
});

describe('judging and comparing runs of a deployment', () => {
  const gated = (max: number) => JSON.stringify({ ...JSON.parse(DIABETES_SPEC), name: 'gated', gates: [{ metric: 'numbers.mae', max }] });
  beforeAll(async () => {
    await storeRun(deployed.api, { runId: 'kept-1', specText: gated(5), errorOf: () => 1 });
    await storeRun(deployed.api, { runId: 'broken-1', specText: gated(0.5), errorOf: () => 1 });
  });

  it('compares two of them there, as it would here', async () => {
    const { exitCode, stdout } = await cli('compare', 'kept-1', 'broken-1');

    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/^A {2}kept-1\nB {2}broken-1\n2 items in common/);
    expect(stdout).toContain('warning[spec-differs]');
    expect(deployed.seen.map(({ path }) => path)).toContain('/v1/runs/kept-1/compare/broken-1');
  });

  it('takes the verdict on the gates of the spec from the report', async () => {
    expect(await json('gate', 'kept-1')).toMatchObject({ outcome: 'passed', judgements: [{ label: 'ridge · alpha 0.1' }, {}] });
    expect(deployed.seen.filter(({ method }) => method === 'POST')).toEqual([]);
    const { exitCode, stdout } = await cli('gate', 'broken-1');
    expect([exitCode, stdout]).toEqual([1, expect.stringContaining('of 2 gates 2 failed')]);
    expect((await json('gate', 'done-1')).error.code).toBe('gates-not-named');
  });

  it('has gates of a file judged there, against the runs that are there', async () => {
    await writeFile(join(dir, 'gates.yaml'), '# ours\ngates:\n  - { metric: numbers.mae, maxRegression: 50% }\n');

    const judged = await json('gate', 'broken-1', '--gates', 'gates.yaml', '--baseline', 'kept');

    expect(judged).toMatchObject({ outcome: 'passed', baselines: [{ runId: 'kept-1' }] });
    expect(deployed.seen.filter(({ method }) => method === 'POST')).toMatchObject([{ path: '/v1/runs/broken-1/gates?baseline=kept-1' }]);
    await writeFile(join(dir, 'gates.yaml'), 'gates: [{ metric: mae, max: 1 }]\n');
    expect((await json('gate', 'broken-1', '--gates', 'gates.yaml')).problems).toMatchObject([{ code: 'invalid-metric-name' }]);
  });

  it('judges the gates of the spec anew where another baseline is named', async () => {
    expect(await json('gate', 'broken-1', '--baseline', 'kept-1')).toMatchObject({ outcome: 'failed', baselines: [] });
  });

  it('ends a watch with 1 when a gate of the spec failed, and shows the verdict', async () => {
    const { exitCode, stdout } = await cli('watch', 'broken-1');

    expect([exitCode, stdout]).toEqual([1, expect.stringContaining('FAILED ridge · alpha 0.1: numbers.mae at most 0.5 = 1')]);
    expect((await cli('watch', 'kept-1')).exitCode).toBe(0);
    expect((await json('show', 'broken-1')).gates).toMatchObject({ outcome: 'failed' });
  });
});

describe('finding the deployment', () => {
  it('says which stack is missing, and where', async () => {
    const { exitCode, stderr } = await callCli(['list', '--stack', 'other', '--region', 'eu-west-1'], { cwd: dir });
    expect(exitCode).toBe(4);
    expect(stderr.replaceAll(/\s+/g, ' ')).toContain('there is no stack other (nor other-service) in eu-west-1');
  });

  it('refuses another major version, and tells a smaller difference', async () => {
    const next = await deploymentFixture(emulator, { stackName: 'next-service', version: '9.0.0' });
    const near = await deploymentFixture(emulator, { stackName: 'near-service', version: '0.999.0' });

    const refused = await callCli(['list', '--stack', 'next'], { cwd: dir });
    const told = await callCli(['list', '--stack', 'near'], { cwd: dir });

    expect([refused.exitCode, refused.stderr]).toEqual([4, expect.stringContaining('error[version-differs]')]);
    expect([told.exitCode, told.stderr]).toEqual([0, expect.stringContaining('is of version 0.999.0')]);
    await next.close();
    await near.close();
  });

  it('says without credentials how to come by some', async () => {
    for (const name of ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY']) vi.stubEnv(name, '');
    try {
      const { exitCode, stderr } = await cli('list');
      expect(exitCode).toBe(4);
      expect(stderr).toContain('error[aws-credentials-missing]');
      expect(wide(stderr)).toEqual([]);
    } finally {
      for (const name of ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY']) vi.stubEnv(name, 'test');
    }
  });

  it('asks for a stack where a verb needs one', async () => {
    const { exitCode, stderr } = await callCli(['watch', 'x'], { cwd: dir });
    expect([exitCode, stderr]).toEqual([2, expect.stringContaining('error[stack-not-named]')]);
  });
});
