/** Images in specs: references, what an entry tells in place of a manifest, the jobs that follow, and what their containers may do. */
import { describe, expect, it, test } from 'vitest';
import { driverContainer, LABELS, modelContainer } from '../../lib/adapters/local/docker/container-settings.ts';
import { daemonFault, dockerSocket } from '../../lib/adapters/local/docker/docker-client.ts';
import { gpuPool, parseGpus } from '../../lib/adapters/local/docker/gpus.ts';
import { resolveReference } from '../../lib/adapters/local/docker/local-images.ts';
import { imageModel, jobImageOf } from '../../lib/core/image-entry.ts';
import { digestOfReference, IMAGE_PATTERN, nameOfReference, withDigest } from '../../lib/core/image-reference.ts';
import { parseSpec } from '../../lib/core/parse-spec.ts';
import { planRun } from '../../lib/core/plan.ts';
import type { Registry } from '../../lib/core/registry.ts';
import { placeOfStage } from '../../lib/core/run-place.ts';

const DIGEST = 'ab'.repeat(32);
const registry: Registry = { models: new Map(), evaluators: new Map(), suites: new Map(), faults: [] };
const specOf = (entry: object): string =>
  JSON.stringify({
    apiVersion: 'bakeoff/v1',
    name: 'images',
    items: [{ id: 'a', input: { messages: [{ role: 'user', content: 'hello' }] } }],
    models: [{ model: 'vlm', image: `registry.example/vlm@sha256:${DIGEST}`, protocol: 'openai-chat', task: 'chat', ...entry }],
    scorers: ['latency'],
  });
const problemsOf = (entry: object): string[] => {
  const parsed = parseSpec(specOf(entry), { registry });
  return parsed.ok ? [] : parsed.problems.map(({ code, path }) => `${code} ${path}`);
};

describe('a reference', () => {
  test.each([
    ['python', 'python'],
    ['python:3.11-slim', 'python'],
    ['registry.example:5000/team/model:Tag_1', 'registry.example:5000/team/model'],
    [`registry.example/a/b@sha256:${DIGEST}`, 'registry.example/a/b'],
    [`localhost:5000/a:v1@sha256:${DIGEST}`, 'localhost:5000/a'],
  ])('%s names %s', (reference, name) => {
    expect(IMAGE_PATTERN.test(reference)).toBe(true);
    expect(nameOfReference(reference)).toBe(name);
    expect(withDigest(reference, DIGEST)).toBe(`${name}@sha256:${DIGEST}`);
    expect(digestOfReference(withDigest(reference, DIGEST))).toBe(DIGEST);
  });

  test.each(['', 'UPPER', 'a b', '-x', 'a@sha256:12', 'a:', '/a', 'a/', '../a', `a@sha512:${DIGEST}`, 'a'.repeat(501), 'https://a/b'])(
    '%j is none',
    (reference) => expect(IMAGE_PATTERN.test(reference)).toBe(false),
  );

  it('by digest is resolved without Docker', async () => {
    const docker = new Proxy({}, { get: () => expect.unreachable('Docker was asked') });
    const reference = `a@sha256:${DIGEST}`;
    expect(await resolveReference({ docker: docker as never, socketPath: '' }, reference)).toBe(reference);
  });
});

describe('an entry with an image', () => {
  it('makes a job that keeps the image, frozen by its digest', () => {
    const parsed = parseSpec(specOf({ params: { temperature: 0 }, command: ['--port', '8000'], requirements: { memoryMiB: 512 } }), {
      registry,
    });
    if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));

    const { jobs } = planRun({ spec: parsed.spec, registry, runId: 'r', softwareVersion: '1' });

    expect(jobs[0]?.model).toMatchObject({ id: 'vlm', digest: DIGEST, version: DIGEST.slice(0, 12), protocol: 'openai-chat' });
    expect(jobs[0]?.model.image).toEqual({
      reference: `registry.example/vlm@sha256:${DIGEST}`,
      command: ['--port', '8000'],
      port: 8000,
      environment: {},
      cpu: 2,
      memoryMiB: 512,
      accelerator: { kind: 'none' },
    });
    expect(jobs[0]?.params).toEqual({ temperature: 0 });
    expect([placeOfStage(jobs[0]!, 'infer'), placeOfStage(jobs[0]!, 'evaluate:x')]).toEqual(['docker', 'process']);
  });

  it('has another job for another image, and for another param', () => {
    const jobOf = (entry: object): string | undefined => {
      const parsed = parseSpec(specOf(entry), { registry });
      return parsed.ok ? planRun({ spec: parsed.spec, registry, runId: 'r', softwareVersion: '1' }).jobs[0]?.jobId : undefined;
    };
    const ids = [jobOf({}), jobOf({ image: `a@sha256:${'cd'.repeat(32)}` }), jobOf({ params: { top: 1 } })];
    expect(new Set(ids).size).toBe(3);
    expect(ids).not.toContain(undefined);
  });

  it('must say what it speaks, and what it does where no suite says so', () => {
    const missing = problemsOf({ protocol: undefined, task: undefined }).filter((problem) => problem.startsWith('missing-key'));
    expect(missing).toEqual(['missing-key models[0].protocol', 'missing-key models[0].task']);
    expect(problemsOf({})).toEqual([]);
  });

  it('keeps params of one type', () => {
    expect(problemsOf({ matrix: { steps: [1, 'two'] } })).toEqual(['param-wrong-type models[0].matrix.steps[1]']);
  });

  it('is no part of a deployment', () => {
    const parsed = parseSpec(specOf({}), { registry, fleet: [] });
    expect(parsed.ok ? [] : parsed.problems.map(({ code }) => code)).toContain('not-available');
  });

  it('is a model whose package has no image otherwise', () => {
    const { manifest } = imageModel({ model: 'a', image: 'b:1', params: {} });
    expect(jobImageOf(manifest)?.reference).toBe('b:1');
  });
});

const identity = { taskId: 'local-1', dir: '/runs', owner: '{}' };
const model = {
  ...identity,
  imageId: 'sha256:1',
  command: null,
  environment: { PORT: '1', MODE: 'x' },
  port: 8000,
  instance: 'token',
  outputsDir: '/runs/o',
  inputsDir: '/runs/i',
  cpu: 2,
  memoryMiB: 512,
  gpus: [],
};

describe('a container', () => {
  it('of a model has no network, no rights, limits, and our variables over those of the entry', () => {
    const { HostConfig, Env, User, Labels, Cmd } = modelContainer(model);

    expect(HostConfig).toMatchObject({ NetworkMode: 'none', ReadonlyRootfs: true, CapDrop: ['ALL'], SecurityOpt: ['no-new-privileges'] });
    expect(HostConfig).toMatchObject({ Memory: 512 * 2 ** 20, MemorySwap: 512 * 2 ** 20, NanoCpus: 2e9, PidsLimit: 1024, Init: true });
    expect(HostConfig).not.toHaveProperty('DeviceRequests');
    expect(HostConfig).not.toHaveProperty('PortBindings');
    expect(User).toBe('10001:10000');
    expect(Env).toEqual(expect.arrayContaining(['PORT=8000', 'HOST=127.0.0.1', 'MODE=x', 'NVIDIA_VISIBLE_DEVICES=void']));
    expect(Labels?.[LABELS.dir]).toBe('/runs');
    expect(Cmd).toBeUndefined();
  });

  it('of a model is given its GPUs by id and no other', () => {
    const { HostConfig, Env } = modelContainer({ ...model, gpus: ['GPU-1'] });
    expect(HostConfig?.DeviceRequests).toEqual([{ Driver: 'nvidia', DeviceIDs: ['GPU-1'], Capabilities: [['gpu']] }]);
    expect(Env?.some((entry) => entry.startsWith('NVIDIA_VISIBLE_DEVICES'))).toBe(false);
  });

  it('of a driver joins the network of its model, as the caller', () => {
    const more = {
      modelContainer: 'm',
      image: 'n',
      program: '/p.ts',
      env: {},
      uid: 1000,
      gid: 1000,
      readOnly: ['/p'],
      writable: ['/runs'],
    };
    const { HostConfig, User } = driverContainer({ ...identity, ...more });
    expect(HostConfig).toMatchObject({ NetworkMode: 'container:m', ReadonlyRootfs: true, CapDrop: ['ALL'] });
    expect(HostConfig?.Mounts?.map(({ Target, ReadOnly }) => [Target, ReadOnly])).toEqual([
      ['/p', true],
      ['/runs', false],
    ]);
    expect(User).toBe('1000:10000');
  });
});

describe('GPUs', () => {
  const list = async () => parseGpus('GPU-aa, 81559\nGPU-bb, 40960\nnonsense\n');

  it('go to the task that fits them, the least used first', async () => {
    const pool = gpuPool(list);
    const first = await pool.lend({ kind: 'cuda' });
    const second = await pool.lend({ kind: 'cuda' });
    first.release();
    const third = await pool.lend({ kind: 'cuda' });
    expect([first.uuids, second.uuids, third.uuids]).toEqual([['GPU-aa'], ['GPU-bb'], ['GPU-aa']]);
    expect((await pool.lend({ kind: 'none' })).uuids).toEqual([]);
  });

  it('that are not there are told', async () => {
    await expect(gpuPool(list).lend({ kind: 'cuda', count: 2, minMemoryMiB: 50_000 })).rejects.toMatchObject({ code: 'gpu-missing' });
  });
});

describe('Docker', () => {
  it('is one of this machine', () => {
    expect(dockerSocket(null)).toBe('/var/run/docker.sock');
    expect(dockerSocket('unix:///run/user/1/docker.sock')).toBe('/run/user/1/docker.sock');
    expect(() => dockerSocket('tcp://10.0.0.1:2375')).toThrow(expect.objectContaining({ code: 'docker-host' }));
  });

  it('that is not there is told apart from its answers', () => {
    const fault = Object.assign(new Error('connect ENOENT'), { code: 'ENOENT' });
    expect(daemonFault(fault, '/s')).toMatchObject({ code: 'docker-unreachable', kind: 'environment' });
    expect(daemonFault(Object.assign(new Error('no'), { statusCode: 500 }), '/s')).toBeNull();
  });
});
