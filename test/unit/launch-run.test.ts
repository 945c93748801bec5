/** Starting a run from an upload: once, healed after a crash, and refused with all of its problems where the spec is not valid. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { keys } from '../../lib/core/object-key.ts';
import { MAX_SPEC_BYTES } from '../../lib/core/parse-spec-document.ts';
import type { RunStore } from '../../lib/core/ports.ts';
import { specObjectOf } from '../../lib/core/spec-object.ts';
import { type LaunchPorts, launchRun } from '../../lib/workflow/launch-run.ts';
import { runIdOfKey, runIdOfObject, startOfExecution } from '../../lib/workflow/run-id.ts';
import { type Cloud, eventLog, fakeExecutions, openCloud } from '../fixtures/cloud.ts';
import { testRegistry } from '../fixtures/registry-fixture.ts';

const SPEC = `apiVersion: bakeoff/v1
name: ridge-check
items: [{ id: one, input: { row: { a: 1 } }, reference: { value: 2 } }]
models: [{ model: ridge }]
scorers: [numbers]
`;

let cloud: Cloud;
let executions: ReturnType<typeof fakeExecutions>;
let events: ReturnType<typeof eventLog>;
beforeEach(async () => {
  cloud = await openCloud();
  [executions, events] = [fakeExecutions(), eventLog()];
});
afterEach(() => cloud.close());

const ports = (change: Partial<LaunchPorts> = {}): LaunchPorts => ({
  ...{ objects: cloud.stores.objects, runs: cloud.stores.runs, executions, events, clock: { nowMs: () => 1000 } },
  ...{ readRegistry: async () => testRegistry, softwareVersion: '1.0.0' },
  ...change,
});
const request = (specText: string | Uint8Array = SPEC) => ({ runId: 'ridge-0123456789ab', specText, fileName: 'specs/team/ridge.yaml' });

describe('a valid spec', () => {
  it('becomes an accepted run with one execution, and says so', async () => {
    expect(await launchRun(request(), ports())).toEqual({ kind: 'started', runId: 'ridge-0123456789ab' });

    expect(await cloud.stores.runs.getRun('ridge-0123456789ab')).toMatchObject({
      state: 'accepted',
      start: 1,
      name: 'ridge-check',
      owner: null,
    });
    expect(executions.started).toEqual(['ridge-0123456789ab-1']);
    expect(events.states()).toEqual(['accepted']);
    expect(await cloud.stores.objects.get(keys.spec('ridge-0123456789ab'))).not.toBeNull();
  });

  it('is one run however often it is delivered, five times at once too', async () => {
    const ends = await Promise.all(Array.from({ length: 5 }, () => launchRun(request(), ports())));

    expect(ends.filter(({ kind }) => kind === 'started')).toHaveLength(1);
    expect(executions.started).toHaveLength(1);
    expect(events.states()).toEqual(['accepted']);
    expect(await launchRun(request(), ports())).toMatchObject({ kind: 'already-started' });
  });

  it('is started by the next delivery when the first died between its record and its execution', async () => {
    const dying = { ...executions, start: () => Promise.reject(new Error('killed')) };
    await expect(launchRun(request(), ports({ executions: dying }))).rejects.toThrow('killed');
    expect(executions.started).toEqual([]);

    expect(await launchRun(request(), ports())).toMatchObject({ kind: 'started' });
    expect(executions.started).toEqual(['ridge-0123456789ab-1']);
  });

  it('is started by the next delivery when the first died between the spec and its record', async () => {
    const runs: RunStore = { ...cloud.stores.runs, createRun: () => Promise.reject(new Error('killed')) };
    await expect(launchRun(request(), ports({ runs }))).rejects.toThrow('killed');

    expect(await launchRun(request(), ports())).toMatchObject({ kind: 'started' });
  });

  it('is not started again by a late delivery once it has a second start', async () => {
    await launchRun(request(), ports());
    const run = await cloud.stores.runs.getRun('ridge-0123456789ab');
    await cloud.stores.runs.replaceRun({ ...run!, version: run!.version + 1, start: 2 });

    expect(await launchRun(request(), ports())).toMatchObject({ kind: 'already-started' });
    expect(executions.started).toHaveLength(1);
  });
});

describe('a spec that is not valid', () => {
  it('becomes a rejected run with every problem, an event, and no execution', async () => {
    const broken = SPEC.replace('ridge }', 'ridgy }').replace('numbers', 'nombers');

    const end = await launchRun(request(broken), ports());

    expect(end).toMatchObject({ kind: 'rejected', problems: [{ code: 'unknown-model' }, { code: 'unknown-scorer' }] });
    expect(await cloud.stores.runs.getRun('ridge-0123456789ab')).toMatchObject({
      state: 'rejected',
      name: 'ridge',
      finishedAtMs: 1000,
      failure: { class: 'invalid_input', code: 'spec-invalid' },
    });
    expect(events.events).toMatchObject([{ state: 'rejected', failure: { code: 'spec-invalid' } }]);
    expect(executions.started).toEqual([]);
  });

  it('stays rejected however often it comes, and tells the same problems', async () => {
    const first = await launchRun(request('nothing: here'), ports());
    const ends = await Promise.all(Array.from({ length: 4 }, () => launchRun(request('nothing: here'), ports())));

    for (const end of ends) expect(end).toEqual(first);
    expect(executions.started).toEqual([]);
  });

  it.each([
    ['what is no YAML', Buffer.from('{ [ : }'), /./],
    ['what is no text', Buffer.from([0xff, 0xfe, 0x00, 0x81]), /document-not-utf8/],
    ['nothing', Buffer.alloc(0), /document-empty/],
    ['one byte more than is read', Buffer.alloc(MAX_SPEC_BYTES + 1, 'a'), /document-too-large/],
    ['a bare word', Buffer.from('spec'), /document-not-a-mapping/],
  ])('ends clearly for %s', async (_, specText, code) => {
    const end = await launchRun(request(specText), ports());

    expect(end.kind).toBe('rejected');
    expect(JSON.stringify(end)).toMatch(code);
  });
});

describe('the event of an upload', () => {
  const event = (object: object, change: object = {}) => ({
    ...{ source: 'aws.s3', 'detail-type': 'Object Created', detail: { bucket: { name: 'results' }, object } },
    ...change,
  });

  it('names bucket, key and version', () => {
    expect(specObjectOf(event({ key: 'specs/my spec.yaml', 'version-id': 'v1', etag: 'e1' }))).toEqual({
      ...{ bucket: 'results', key: 'specs/my spec.yaml', versionId: 'v1', version: 'v1' },
    });
  });

  it.each([
    [{ key: 'specs/a.yaml', etag: 'e1' }, 'e1'],
    [{ key: 'specs/a.yaml', etag: 'e1', 'version-id': 'null' }, 'e1'],
  ])('takes the ETag where there is no version: %j', (object, version) => {
    expect(specObjectOf(event(object))).toMatchObject({ versionId: null, version });
  });

  it.each([
    event({ key: 'runs/a.yaml', etag: 'e' }),
    event({ key: 'specs/a.txt', etag: 'e' }),
    event({ key: 'specs/.yaml', etag: 'e' }, { source: 'aws.ec2' }),
    event({ key: 'specs/a.yaml' }),
    null,
    'text',
    {},
  ])('is passed over where it is none of a spec: %j', (given) => {
    expect(specObjectOf(given)).toHaveProperty('ignored');
  });
});

describe('the id of a run', () => {
  const object = { bucket: 'b', key: 'specs/My Spec (2).yaml', version: 'v1' };

  it('follows from bucket, key and version: a new upload of the same bytes is another run', () => {
    expect(runIdOfObject(object)).toBe(runIdOfObject({ ...object }));
    const others = [
      { ...object, version: 'v2' },
      { ...object, bucket: 'c' },
      { ...object, key: 'specs/other.yaml' },
    ];
    expect(new Set([object, ...others].map(runIdOfObject)).size).toBe(4);
    expect(runIdOfObject(object)).toMatch(/^My-Spec-2-[0-9a-f]{12}$/);
  });

  it.each(['specs/.yaml', 'specs/ünïcödé.json', 'specs/-_-.yml', `specs/${'a'.repeat(200)}.yaml`, 'specs/../../etc.yaml'])(
    'is an id whatever the file is called: %s',
    (key) => {
      expect(runIdOfObject({ ...object, key })).toMatch(/^[A-Za-z0-9][A-Za-z0-9._-]{0,42}$/);
    },
  );

  it('of an idempotency key is the same for the same key', () => {
    expect(runIdOfKey({ idempotencyKey: 'k' })).toBe(runIdOfKey({ idempotencyKey: 'k' }));
    expect(runIdOfKey({ idempotencyKey: 'k' })).not.toBe(runIdOfKey({ idempotencyKey: 'l' }));
  });

  it('is read back from the name of an execution, digits at its end or not', () => {
    expect(startOfExecution('ridge-0123456789ab-12')).toEqual({ run: 'ridge-0123456789ab', start: 12 });
    expect(startOfExecution('a-1-2')).toEqual({ run: 'a-1', start: 2 });
    for (const name of ['ridge', 'ridge-0', 'ridge-x', '-1', '']) expect(startOfExecution(name)).toBeNull();
  });
});
