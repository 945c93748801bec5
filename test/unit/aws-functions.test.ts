/** What the functions have around their steps: settings, the way from API Gateway and back, the registry that travels with them. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { answerGateway, gatewayRequestId } from '../../lambdas/gateway/answer-gateway.ts';
import { stepKeys } from '../../lambdas/telemetry/log-keys.ts';
import { awsRegistry } from '../../lib/compose/aws-registry.ts';
import { fleetSetting } from '../../lib/compose/fleet-setting.ts';
import { functionSettings, readFunctionSettings } from '../../lib/compose/function-settings.ts';
import { readLocalRegistry } from '../../lib/compose/local-registry.ts';
import { writeRegistryBundle } from '../../lib/compose/registry-bundle.ts';
import { DEFAULT_FLEET } from '../../lib/core/fleet.ts';
import { parseImageName } from '../../lib/core/image-name.ts';
import { mapBounded } from '../../lib/workflow/map-bounded.ts';
import { ordinalLines, jobIdAt } from '../../lib/workflow/job-ordinals.ts';
import { keys } from '../../lib/core/object-key.ts';
import { type Cloud, openCloud, unprepared } from '../fixtures/cloud.ts';

const root = join(import.meta.dirname, '../..');

let cloud: Cloud;
let folder = '';
beforeEach(async () => {
  cloud = await openCloud();
  folder = await mkdtemp(join(tmpdir(), 'bakeoff-bundle-'));
});
afterEach(async () => {
  await cloud.close();
  await rm(folder, { recursive: true, force: true });
});

describe('settings of a function', () => {
  const wanted = functionSettings.pick({ bucket: true, table: true, stateMachine: true }).extend(fleetSetting);

  it('are those that it asks for', () => {
    const environment = {
      ...{ BAKEOFF_BUCKET: 'b', BAKEOFF_TABLE: 't', BAKEOFF_FLEET: JSON.stringify(DEFAULT_FLEET), OTHER: 'x' },
      BAKEOFF_STATE_MACHINE: 'arn:aws:states:us-east-1:111122223333:stateMachine:bakeoff',
    };
    expect(readFunctionSettings(environment, wanted)).toMatchObject({ bucket: 'b', table: 't', fleet: [{ name: 'g6-xlarge' }, {}] });
  });

  it('that are missing or wrong are told all at once, by variable and without their value', () => {
    const read = () => readFunctionSettings({ BAKEOFF_BUCKET: 'b', BAKEOFF_STATE_MACHINE: 'secret-value', BAKEOFF_FLEET: '{' }, wanted);
    expect(read).toThrow(expect.objectContaining({ code: 'settings-invalid' }));
    expect(read).toThrow(/BAKEOFF_TABLE is not set/);
    expect(read).toThrow(/BAKEOFF_STATE_MACHINE: expected the ARN of a state machine/);
    expect(read).toThrow(/BAKEOFF_FLEET: not JSON/);
    expect(read).not.toThrow(/secret-value/);
  });
});

describe('the registry of a deployment', () => {
  const models = { listImages: async () => [] };

  it('is at run time what it was at synth: digests, manifests, suites with their files', async () => {
    const here = await readLocalRegistry({ root });
    const written = await writeRegistryBundle({ root, packages: ['pocket-t2v', 'eval-video'], folder });
    const registry = awsRegistry({ folder, objects: cloud.stores.objects, models });

    const there = await registry.read(null);

    expect(there.models.get('pocket-t2v')).toMatchObject({ digest: here.models.get('pocket-t2v')?.digest });
    expect([...there.models.keys(), ...there.evaluators.keys()]).toEqual(['pocket-t2v', 'eval-video']);
    expect([...there.suites.keys()].sort()).toEqual([...here.suites.keys()].sort());
    for (const [id, { digest }] of there.suites) expect(digest, id).toBe(here.suites.get(id)?.digest);
    expect(written.map(({ manifest }) => manifest.id)).toEqual(['pocket-t2v', 'eval-video']);
    expect(await registry.softwareVersion()).toBe(JSON.parse(await readFile(join(root, 'package.json'), 'utf8')).version);
  });

  it('refuses a package that nobody registered, and names those there are', async () => {
    await expect(writeRegistryBundle({ root, packages: ['nobody'], folder })).rejects.toMatchObject({
      code: 'package-not-registered',
      message: expect.stringMatching(/pocket-t2v/),
    });
  });

  it('has a suite that was uploaded, for the spec that names it, and lets go of it afterwards', async () => {
    await writeRegistryBundle({ root, packages: [], folder });
    const registry = awsRegistry({ folder, objects: cloud.stores.objects, models });
    const suite =
      'apiVersion: bakeoff/v1\nkind: suite\nid: mine\nversion: "1"\ntitle: Mine\ndescription: d\ntask: text-to-video\nlicense: x\nsource: x\nitems: items.jsonl\n';
    await cloud.stores.objects.put('suites/mine/suite.yaml', suite);
    await cloud.stores.objects.put('suites/mine/items.jsonl', '{"id":"one","input":{"prompt":"p"}}\n');

    const found = (await registry.read('mine')).suites.get('mine');
    expect(found).toMatchObject({ itemCount: 1, manifest: { id: 'mine' } });
    await registry.release();
    await expect(readFile(join(found!.folder, 'suite.yaml'))).rejects.toThrow('ENOENT');
    expect((await registry.read('other')).suites.has('other')).toBe(false);
  });

  it('tells what is wrong with an uploaded suite as a fault of it, by its prefix', async () => {
    await writeRegistryBundle({ root, packages: [], folder });
    await cloud.stores.objects.put('suites/mine/suite.yaml', 'kind: suite\n');
    const { faults } = await awsRegistry({ folder, objects: cloud.stores.objects, models }).read('mine');

    expect(faults).toMatchObject([{ kind: 'suite', id: 'mine', folder: 'suites/mine' }]);
    expect(faults[0]?.error.message).toMatch(/^suites\/mine\/suite\.yaml/);
  });

  it('is never asked of the bucket where the suite is bundled, or is no id', async () => {
    await writeRegistryBundle({ root, packages: [], folder });
    const objects = { list: unprepared('a listing'), read: unprepared('a read') };
    const registry = awsRegistry({ folder, objects, models });
    for (const name of [null, 'shapes', '../shapes', 's3://bucket/suite'])
      expect((await registry.read(name)).suites.has('shapes')).toBe(true);
  });

  it('that is damaged is a defect of the deployment', async () => {
    await writeRegistryBundle({ root, packages: [], folder });
    await writeFile(join(folder, 'registry.json'), '{}');
    await expect(awsRegistry({ folder, objects: cloud.stores.objects, models }).read(null)).rejects.toThrow();
  });
});

describe('the way from API Gateway', () => {
  const event = (change: object = {}, http: object = { method: 'POST' }) => ({
    ...{
      version: '2.0',
      routeKey: 'ANY /v1/{proxy+}',
      rawPath: '/v1/runs',
      rawQueryString: 'limit=2&cursor=a%2Fb',
      headers: { accept: '*/*', 'x-a': 'b' },
    },
    ...{
      body: 'bmFtZTogeA==',
      isBase64Encoded: true,
      requestContext: { requestId: 'req-1', domainName: 'x.example', stage: '$default', http },
    },
    ...change,
  });
  const seen = async (given: unknown) => {
    let request: Request | null = null;
    let id: string | null = null;
    const answer = await answerGateway(given, (each, platform) => {
      request = each;
      id = gatewayRequestId(platform);
      return new Response('{"a":"é"}', { status: 201, headers: { 'content-type': 'application/json', location: '/v1/runs/r' } });
    });
    return { request: request as unknown as Request, id, answer };
  };

  it('brings method, path, query, headers, body and the id of the request, and the answer back', async () => {
    const { request, id, answer } = await seen(event());
    expect([request.method, request.url, request.headers.get('x-a'), await request.text(), id]).toEqual([
      'POST',
      'https://x.example/v1/runs?limit=2&cursor=a%2Fb',
      'b',
      'name: x',
      'req-1',
    ]);
    expect(answer).toEqual({
      ...{ statusCode: 201, body: '{"a":"é"}', isBase64Encoded: false },
      headers: { 'content-type': 'application/json', location: '/v1/runs/r' },
    });
  });

  it('takes the name of a stage off the path, and gives GET no body', async () => {
    const context = { requestId: 'r', stage: 'live', http: { method: 'GET' } };
    const { request } = await seen(event({ rawPath: '/live/v1/health', requestContext: context }));
    expect([new URL(request.url).pathname, request.body]).toEqual(['/v1/health', null]);
  });

  it('keeps bytes as they are', async () => {
    const bytes = new Uint8Array([0xff, 0x00, 0x81]);
    const answer = await answerGateway(event(), () => new Response(bytes, { headers: { 'content-type': 'video/mp4' } }));
    expect(answer).toMatchObject({ body: Buffer.from(bytes).toString('base64'), isBase64Encoded: true });
  });

  it.each([{}, null, event({ version: '1.0' }), event({ rawPath: 'v1' }), event({}, { method: 'get /' })])(
    'refuses what is no request: %j',
    async (given) => {
      await expect(answerGateway(given, unprepared('a request'))).rejects.toThrow();
    },
  );
});

describe('the name of an image', () => {
  const digest = 'a'.repeat(64);

  it('by digest is taken apart', () => {
    expect(parseImageName(`111122223333.dkr.ecr.us-east-1.amazonaws.com/team/vlm@sha256:${digest}`)).toEqual({
      ...{ registry: '111122223333.dkr.ecr.us-east-1.amazonaws.com', repository: 'team/vlm', digest, account: '111122223333' },
    });
    expect(parseImageName(`ghcr.io/a/b@sha256:${digest}`).account).toBeNull();
  });

  it.each([
    'vlm',
    'a/b:latest',
    `a/b@sha256:${'A'.repeat(64)}`,
    `a/b:1@sha256:${digest}`,
    `https://a/b@sha256:${digest}`,
    `a/../b @sha256:${digest}`,
  ])('is refused without one: %s', (image) => {
    expect(() => parseImageName(image)).toThrow(expect.objectContaining({ code: 'bad-image' }));
  });
});

describe('ten thousand jobs', () => {
  it('are worked on with a bound, in order, and the first fault ends it', async () => {
    let inFlight = 0;
    let most = 0;
    const results = await mapBounded(
      Array.from({ length: 10_000 }, (_, n) => n),
      64,
      async (n) => {
        inFlight += 1;
        most = Math.max(most, inFlight);
        await Promise.resolve();
        inFlight -= 1;
        return n * 2;
      },
    );
    expect([most, results.length, results[9999]]).toEqual([64, 10_000, 19_998]);

    let begun = 0;
    const failing = mapBounded(Array.from({ length: 1000 }), 4, async () => {
      begun += 1;
      throw new Error(`fault ${begun}`);
    });
    await expect(failing).rejects.toThrow('fault 1');
    expect(begun).toBeLessThanOrEqual(4);
  });

  it('are found one by one without reading all', async () => {
    const ids = Array.from({ length: 10_000 }, (_, n) => `job-${n}${'x'.repeat(n % 50)}`);
    await cloud.stores.objects.put(keys.ordinals('r'), ordinalLines(ids));
    let bytes = 0;
    const { read } = cloud.stores.objects;
    const counted = {
      ...cloud.stores.objects,
      get: unprepared('a whole object'),
      read: async function* (...given: Parameters<typeof read>) {
        for await (const part of read(...given)) {
          bytes += part.byteLength;
          yield part;
        }
      },
    };

    for (const ordinal of [0, 4711, 9999]) expect(await jobIdAt(counted, 'r', ordinal)).toBe(ids[ordinal]);

    expect(bytes).toBe(3 * 65);
  });
});

it('every line of a step says its run and start, whatever the event', () => {
  expect(stepKeys({ run: 'r', start: 2, ordinal: 3, result: {} })).toEqual({ run: 'r', start: 2, ordinal: 3 });
  for (const event of [null, 'x', {}, { run: 7 }]) expect(stepKeys(event)).toEqual({});
});
