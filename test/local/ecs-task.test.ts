/** What a driver makes of the ECS agent's metadata endpoint: a real server with recorded answers, and with answers nobody should give. */
import { afterEach, describe, expect, it } from 'vitest';
import { serverNotesSchema } from '../../lib/core/task-notes.ts';
import { containerUsage } from '../../lib/driver/container-usage.ts';
import { type EcsTask, openEcsTask } from '../../lib/driver/ecs-task.ts';
import {
  DRIVER_ID,
  type MetadataServer,
  MODEL_ID,
  type Reply,
  startMetadataServer,
  statsPayload,
  TASK_ARN,
  taskPayload,
} from '../fixtures/metadata-server.ts';

const open: { close: () => unknown }[] = [];
afterEach(async () => {
  for (const each of open.splice(0)) await each.close();
});

/** Samples only when it is asked for its usage. */
const ON_DEMAND = { sampleMs: 3_600_000, tries: 3, pauseMs: 1 };

async function serve(): Promise<MetadataServer> {
  const server = await startMetadataServer();
  open.push(server);
  return server;
}

async function openTask(server: MetadataServer): Promise<EcsTask> {
  const task = await openEcsTask(server.url, ON_DEMAND);
  open.push(task);
  return task;
}

const modelStats = (...of: Parameters<typeof statsPayload>): object => ({
  [DRIVER_ID]: statsPayload(90, 1, 'a'),
  [MODEL_ID]: statsPayload(...of),
});

describe('the task', () => {
  it('is named by its ARN', async () => {
    expect((await openTask(await serve())).taskArn).toBe(TASK_ARN);
  });

  it('is asked for again while the agent is not ready', async () => {
    const server = await serve();
    server.task = (response) => {
      server.task = taskPayload();
      response.writeHead(429).end('Too Many Requests');
    };
    expect((await openTask(server)).taskArn).toBe(TASK_ARN);
    expect(server.asked()).toBe(2);
  });

  it.each<[string, Reply, RegExp]>([
    ['no JSON', '<html>', /not JSON/],
    ['JSON of another shape', '[]', /\/task/],
    ['no ARN', { Containers: [] }, /TaskARN/],
    ['an ARN that could end a line', { TaskARN: 'arn:aws\nBAKEOFF', Containers: [] }, /the ARN of a task/],
    ['status 500', (response) => response.writeHead(500).end('{}'), /status 500/],
    ['more than a megabyte', JSON.stringify({ TaskARN: 'x'.repeat(2 << 20) }), /more than 1048576 bytes/],
    ['a cut connection', (response) => response.destroy(), /tries/],
  ])('is unknown when the endpoint answers %s, and the error says what was seen', async (_, reply, seen) => {
    const server = await serve();
    server.task = reply;
    await expect(openTask(server)).rejects.toMatchObject({ code: 'task-unknown', message: expect.stringMatching(seen) });
  });
});

describe('the end of the model', () => {
  it('is known once the agent says so', async () => {
    const server = await serve();
    const task = await openTask(server);
    await task.usage();
    expect(task.serverExited()).toBe(false);
    server.task = taskPayload({ KnownStatus: 'STOPPED', ExitCode: 1 });
    await task.usage();
    expect(task.serverExited()).toBe(true);
  });

  it('is not taken from an endpoint that has fallen silent', async () => {
    const server = await serve();
    const task = await openTask(server);
    server.task = (response) => response.destroy();
    await task.usage();
    expect(task.serverExited()).toBe(false);
  });
});

describe('what the model uses', () => {
  it('is the largest memory of all samples without the page cache, and the last processor time', async () => {
    const server = await serve();
    const task = await openTask(server);
    for (const [used, cpu] of [
      [100, 1],
      [900, 4],
      [300, 6.25],
    ] as const) {
      server.stats = modelStats(used, cpu, `at ${cpu}`);
      await task.usage();
    }
    expect(await task.usage()).toMatchObject({ peakMemoryMiB: 900, cpuSeconds: 6.25, reason: null, sampleHz: expect.any(Number) });
  });

  it('counts a sample that the agent repeats once', () => {
    const usage = containerUsage(0);
    for (const atMs of [500, 1_000, 1_500, 2_000]) usage.add(statsPayload(100, 1, `second ${Math.ceil(atMs / 1_000)}`), atMs);
    // Two samples, the second seen first at 1.5 s.
    expect(usage.notes().sampleHz).toBe(1.33);
  });

  it('is read from control groups of version 1 too', () => {
    const usage = containerUsage(0);
    const memory = { usage: 50 << 20, max_usage: 900 << 20, stats: { cache: 1, total_inactive_file: 20 << 20 } };
    usage.add({ read: 'a', memory_stats: memory, cpu_stats: { cpu_usage: { total_usage: 2e9, percpu_usage: [1] } } }, 1_000);
    expect(usage.notes()).toEqual({ peakMemoryMiB: 30, cpuSeconds: 2, sampleHz: 1, reason: null });
  });

  it.each<[string, Reply, RegExp]>([
    ['nothing, as an emulator does', {}, /no statistics of the container/],
    ['null, as the agent does at first', { [MODEL_ID]: null }, /no statistics of the container/],
    ['another container alone', { [DRIVER_ID]: statsPayload(90, 1, 'a') }, /no statistics of the container/],
    ['statistics without figures', { [MODEL_ID]: { read: 'a' } }, /tells no memory/],
    ['negative figures', { [MODEL_ID]: { memory_stats: { usage: -1 } } }, /cannot be read: memory_stats.usage/],
    ['infinite figures', `{"${MODEL_ID}": {"cpu_stats": {"cpu_usage": {"total_usage": 1e999}}}}`, /cannot be read: cpu_stats/],
    ['figures in words', { [MODEL_ID]: { memory_stats: { usage: '1 GB' } } }, /cannot be read/],
    ['a list', '[1, 2]', /did not answer/],
    ['status 404', (response) => response.writeHead(404).end(), /status 404/],
    [
      'half an answer',
      (response) => response.writeHead(200, { 'content-length': '1000' }).write('{', () => response.destroy()),
      /did not answer/,
    ],
  ])('is null with a reason when the endpoint answers %s', async (_, reply, reason) => {
    const server = await serve();
    server.stats = reply;
    const notes = serverNotesSchema.parse(await (await openTask(server)).usage());
    expect(notes).toMatchObject({ peakMemoryMiB: null, cpuSeconds: null, sampleHz: null, reason: expect.stringMatching(reason) });
  });

  it('keeps its memory when only the processor time is missing, and says which', async () => {
    const server = await serve();
    server.stats = { [MODEL_ID]: { ...statsPayload(100, 1, 'a'), cpu_stats: {} } };
    const notes = await (await openTask(server)).usage();
    expect(notes).toMatchObject({ peakMemoryMiB: 100, cpuSeconds: null, reason: expect.stringMatching(/processor time/) });
  });

  it('is null with a reason when the task has no such container', async () => {
    const server = await serve();
    server.task = { TaskARN: TASK_ARN };
    expect(await (await openTask(server)).usage()).toMatchObject({ peakMemoryMiB: null, reason: expect.stringMatching(/no container/) });
  });

  it('is what it was when the endpoint fails after good samples', async () => {
    const server = await serve();
    const task = await openTask(server);
    await task.usage();
    server.stats = 'gone';
    expect(await task.usage()).toMatchObject({ peakMemoryMiB: 512, cpuSeconds: 12.5, reason: null });
  });
});
