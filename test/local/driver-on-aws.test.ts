/**
 * The driver as it runs in an ECS task: the bundle of its image as a process, records in a bucket and a table (MiniStack), the agent's
 * endpoint from a real server, folders shared with a real model process.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { existsSync, lstatSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { dynamoRunStore } from '../../lib/adapters/aws/dynamo-run-store.ts';
import { s3ObjectStore } from '../../lib/adapters/aws/s3-object-store.ts';
import { keys } from '../../lib/core/object-key.ts';
import { evaluationRowSchema } from '../../lib/core/sample.ts';
import { taskNotesSchema } from '../../lib/core/task-notes.ts';
import { writeDriverContext } from '../../lib/driver/image/build-bundle.ts';
import { makeTaskFolders, removeTaskFolders } from '../../lib/driver/task-folders.ts';
import { newTable } from '../contract/dynamo-table.ts';
import { type MiniStack, startMiniStack } from '../emulator/ministack.ts';
import { type FixtureOptions, JOB, type JobFixture, jobFixture, RUN } from '../fixtures/driver-job.ts';
import { until } from '../fixtures/driver-process.ts';
import { type MetadataServer, startMetadataServer, TASK_ARN, taskPayload } from '../fixtures/metadata-server.ts';
import { type StartedServer, startServer } from '../fixtures/servers/start-server.ts';

const INSTANCE = '1-0123456789abcdef';

const place = { folder: mkdtempSync(join(tmpdir(), 'bakeoff-on-aws-')) };
let emulator: MiniStack;
let s3: S3Client;
let dynamo: DynamoDBClient;
beforeAll(async () => {
  emulator = await startMiniStack();
  s3 = new S3Client(emulator.clientConfig);
  dynamo = new DynamoDBClient(emulator.clientConfig);
  await writeDriverContext(join(place.folder, 'image'));
});
afterAll(async () => {
  s3.destroy();
  dynamo.destroy();
  await emulator.stop();
  rmSync(place.folder, { recursive: true });
});

const open: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close();
});

interface Task {
  readonly job: JobFixture;
  readonly metadata: MetadataServer;
  /** Mounts of the task's volumes. */
  readonly outputs: string;
  readonly inputs: string;
  readonly start: () => Promise<Driver>;
}

interface Driver {
  readonly child: ChildProcess;
  readonly ended: Promise<{ code: number | null; stderr: string }>;
}

const newFolder = (): string => mkdtempSync(join(place.folder, 'task-'));

/** A task whose job lies in a bucket and a table of its own. */
async function task(options: Omit<FixtureOptions, 'stores'>, folder = newFolder()): Promise<Task> {
  const bucket = `runs-${randomUUID()}`;
  await s3.send(new CreateBucketCommand({ Bucket: bucket }));
  const table = await newTable(dynamo);
  const objects = s3ObjectStore({ client: s3, bucket, folder: join(folder, 'copies') });
  const stores = { folder, objects, runs: dynamoRunStore({ client: dynamo, table }), close: () => {} };
  const job = await jobFixture({ ...options, stores });
  const metadata = await startMetadataServer();
  open.push(metadata.close, job.close);
  const [outputs = '', inputs = ''] = ['outputs', 'inputs'].map((name) => join(folder, name));
  for (const mount of [outputs, inputs]) mkdirSync(mount);
  const start = async (): Promise<Driver> => {
    const { stage, attempt } = await job.nextAttempt();
    const env = {
      ...{ PATH: '/usr/bin:/bin', ...emulator.env, BAKEOFF_BUCKET: bucket, BAKEOFF_TABLE: table, BAKEOFF_RUN: RUN, BAKEOFF_JOB: JOB },
      ...{ BAKEOFF_STAGE: stage, BAKEOFF_ATTEMPT: String(attempt), BAKEOFF_INSTANCE: INSTANCE, PORT: new URL(options.serverUrl).port },
      ...{ BAKEOFF_OUTPUTS: outputs, BAKEOFF_INPUTS: inputs, ECS_CONTAINER_METADATA_URI_V4: metadata.url },
    };
    // As in a container: nothing on standard input, which means nothing.
    const child = spawn(process.execPath, [join(place.folder, 'image/bundle/main.mjs')], { env, stdio: ['ignore', 'ignore', 'pipe'] });
    open.push(() => child.kill('SIGKILL'));
    let stderr = '';
    child.stderr.on('data', (chunk) => (stderr += chunk));
    return { child, ended: new Promise((resolve) => child.on('close', (code) => resolve({ code, stderr }))) };
  };
  return { job, metadata, outputs, inputs, start };
}

async function serve(file: string, more: object = {}): Promise<StartedServer> {
  const server = await startServer(file, { instance: INSTANCE, ...more });
  open.push(server.stop);
  return server;
}

async function notesOf({ job }: Task, stage: string) {
  const body = await job.stores.objects.get(keys.task(RUN, JOB, stage, 1));
  return taskNotesSchema.parse(JSON.parse(Buffer.from(body ?? '').toString('utf8')));
}

describe('stage infer in a task', () => {
  it('leaves rows and outputs in the bucket, the record in the table, notes about the task, and nothing on the volumes', async () => {
    const { url } = await serve('native-model.ts');
    const here = await task({ prompts: ['video', 'text hello', 'wrong-digest', 'video'], serverUrl: url });
    const { ended } = await here.start();
    expect(await ended).toMatchObject({ code: 0 });
    expect(await here.job.stage()).toMatchObject({ status: 'finished', claim: TASK_ARN, outcome: { planned: 4, succeeded: 3, failed: 1 } });
    const rows = await here.job.rows();
    expect(rows.map((row) => row.state)).toEqual(['succeeded', 'succeeded', 'failed', 'succeeded']);
    const output = keys.output(RUN, JOB, 1, 'item-0.0.webm');
    expect(rows[0]).toMatchObject({ output: { files: [{ key: output }] } });
    expect(await here.job.stores.objects.get(output)).not.toBeNull();
    const { phasesMs, server } = await notesOf(here, 'infer');
    expect(Object.keys(phasesMs)).toEqual(['sync', 'load', 'warm-up', 'infer', 'flush']);
    expect(server).toMatchObject({ peakMemoryMiB: 512, cpuSeconds: 12.5, reason: null });
    expect([...readdirSync(here.outputs), ...readdirSync(here.inputs)]).toEqual([]);
  });

  it('ends at SIGTERM with what is done, asks the model to shut down and exits 0', async () => {
    const server = await serve('native-model.ts', { latencyMs: 20 });
    const here = await task({ prompts: Array.from({ length: 2_000 }, () => 'ok'), serverUrl: server.url });
    const { child, ended } = await here.start();
    await until(async () => (await here.job.rows()).length > 0);
    child.kill('SIGTERM');
    expect(await ended).toMatchObject({ code: 0 });
    await server.exited;
    const stage = await here.job.stage();
    expect(stage).toMatchObject({ status: 'running', attemptEnd: { kind: 'stopped' } });
    expect((await here.job.rows()).length).toBe(stage.attemptEnd?.newRows);
    expect((await notesOf(here, 'infer')).server.peakMemoryMiB).toBe(512);
  });

  it('does not wait for a model whose container has stopped', async () => {
    const here = await task({ prompts: ['ok'], serverUrl: 'http://127.0.0.1:9', limits: { readyMs: 3_600_000 } });
    here.metadata.task = taskPayload({ KnownStatus: 'STOPPED', ExitCode: 1 });
    const { ended } = await here.start();
    expect(await ended).toMatchObject({ code: 1 });
    expect(await here.job.stage()).toMatchObject({ attemptEnd: { kind: 'server-died', failure: { code: 'server-exited' } } });
  });

  it('does nothing without the name of its task, and says why', async () => {
    const here = await task({ prompts: ['ok'], serverUrl: 'http://127.0.0.1:9' });
    here.metadata.task = 'Not Found';
    const { ended } = await here.start();
    expect(await ended).toMatchObject({ code: 4, stderr: expect.stringMatching(/ARN in 10 tries: the answer is not JSON/) });
    expect(await here.job.stage()).toMatchObject({ claim: null });
  });

  it('follows no link that lies where its folder should', async () => {
    const here = await task({ prompts: ['ok'], serverUrl: 'http://127.0.0.1:9' });
    symlinkSync(here.inputs, join(here.outputs, INSTANCE));
    const { ended } = await here.start();
    expect(await ended).toMatchObject({ code: 4, stderr: expect.stringMatching(/is not its own/) });
  });
});

describe('stage evaluate in a task', () => {
  it('gives the evaluator the outputs as files, one batch of them at a time', async () => {
    const model = await serve('native-model.ts');
    const metric = (name: string, high: number | null) => {
      const range: [number, number | null] = [0, high];
      return { name: `shape.${name}`, unit: 'x', direction: 'higher' as const, range, minN: 1, title: name, description: name };
    };
    const metrics = [metric('length', null), metric('truth', 1)];
    const judge = { package: { id: 'judge', version: '1.0.0', digest: 'c'.repeat(64) }, scorers: ['shape'], metrics };
    const prompts = Array.from({ length: 40 }, () => 'video');
    const inferred = await task({ prompts, serverUrl: model.url, job: { evaluators: [judge] } });
    expect(await (await inferred.start()).ended).toMatchObject({ code: 0 });
    const { objects } = inferred.job.stores;
    const parts = await objects.list(keys.sampleParts(RUN, JOB));

    const journal = join(place.folder, 'journal');
    const folder = newFolder();
    const evaluator = await serve('evaluator.ts', { journal, census: join(folder, 'inputs') });
    const here = await task({ prompts, serverUrl: evaluator.url, stageName: 'evaluate:judge', job: { evaluators: [judge] } }, folder);
    const copy = async (key: string): Promise<unknown> => here.job.stores.objects.put(key, (await objects.get(key)) ?? '');
    for (const key of [...parts, ...(await objects.list(`runs/${RUN}/jobs/${JOB}/outputs/`))]) await copy(key);
    const references = prompts.map((_, index) => `${JSON.stringify({ id: `item-${index}`, reference: { text: 'no' } })}\n`);
    await here.job.stores.objects.put(keys.references(RUN), references.join(''));
    expect(await (await here.start()).ended).toMatchObject({ code: 0 });

    const size = (await objects.get(keys.output(RUN, JOB, 1, 'item-0.0.webm')))?.length;
    const text = Buffer.from((await here.job.stores.objects.get(keys.scorePart(RUN, JOB, 'judge', 1, 0))) ?? '').toString('utf8');
    const rows = text
      .trim()
      .split('\n')
      .map((line) => evaluationRowSchema.parse(JSON.parse(line)));
    expect(rows).toHaveLength(40);
    expect(rows[0]).toMatchObject({ state: 'evaluated', values: { 'shape.length': size } });
    expect(readFileSync(journal, 'utf8').match(/^files .*$/gm)).toEqual(['files 16', 'files 16', 'files 8']);
    expect(await notesOf(here, 'evaluate:judge')).toMatchObject({ server: { peakMemoryMiB: 512 } });
  });
});

describe('the folders of an attempt', () => {
  it("let the group pass and read, and keep the driver's own to itself", async () => {
    const root = mkdtempSync(join(place.folder, 'folders-'));
    const folders = { outputsDir: join(root, 'o'), inputsDir: join(root, 'i'), scratchDir: join(root, 's') };
    await makeTaskFolders(folders);
    const modes = Object.values(folders).map((folder) => (lstatSync(folder).mode & 0o7777).toString(8));
    expect(modes).toEqual(['2750', '2750', '700']);
    await removeTaskFolders(folders);
    expect(Object.values(folders).filter((folder) => existsSync(folder))).toEqual([]);
  });
});
