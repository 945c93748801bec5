/** The client of a deployment's API against a server that is late, broken or rude; and the words for what AWS refuses. */
import { readdirSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { build } from 'esbuild';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { apiClient } from '../../lib/adapters/aws/api-client.ts';
import { deploymentOf, type FoundStack } from '../../lib/adapters/aws/deployment.ts';
import { explainAwsError } from '../../lib/adapters/aws/explain-aws-error.ts';
import { linkedFiles } from '../../lib/cli/deployed-report.ts';
import { withSuite } from '../../lib/cli/submitted-spec.ts';
import { nextWaitMs } from '../../lib/cli/watch-pace.ts';
import { BakeoffError } from '../../lib/core/errors.ts';
import { versionMatch } from '../../lib/core/version-match.ts';
import { buildReport } from '../../lib/report/build-report.ts';
import { reportFixture } from '../fixtures/report-fixture.ts';

let answer: (request: IncomingMessage, response: ServerResponse) => unknown = () => {};
let requests: IncomingMessage[] = [];
let waits: number[] = [];
const server = createServer((request, response) => {
  requests.push(request);
  answer(request, response);
});
beforeEach(() => {
  requests = [];
  waits = [];
  return new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterEach(() => {
  server.closeAllConnections();
  return new Promise((resolve) => server.close(resolve));
});

const client = (timeoutMs = 5_000) =>
  apiClient({
    baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}/base/`,
    region: 'us-east-1',
    access: { kind: 'sign', credentials: async () => ({ accessKeyId: 'AKID', secretAccessKey: 'very-secret', sessionToken: 'session' }) },
    sleep: async (durationMs) => void waits.push(durationMs),
    timeoutMs,
  });
const get = { method: 'GET', path: '/v1/runs', isRepeatable: true } as const;
const errorOf = async (sent: Promise<unknown>): Promise<BakeoffError> => {
  const thrown = await sent.then(
    () => null,
    (error: unknown) => error,
  );
  if (thrown instanceof BakeoffError) return thrown;
  throw new Error('a BakeoffError was expected');
};

describe('what is tried again', () => {
  it('is every passing refusal of a repeatable request, five times, waiting longer each time', async () => {
    answer = (_request, response) => response.writeHead(503).end();

    const error = await errorOf(client().send(get));

    expect(error).toMatchObject({
      code: 'api-failed',
      kind: 'environment',
      message: expect.stringContaining('503 to GET /v1/runs, 5 times'),
    });
    expect(requests).toHaveLength(5);
    expect(waits).toHaveLength(4);
    expect(waits.every((wait, at) => wait >= 200 * 2 ** at && wait <= 400 * 2 ** at)).toBe(true);
  });

  it('waits as long as it is asked to, but never an hour', async () => {
    answer = (_request, response) => response.writeHead(429, { 'retry-after': requests.length === 1 ? '3' : '3600' }).end();
    expect(await errorOf(client().send(get))).toMatchObject({ code: 'api-throttled' });
    expect(waits.slice(0, 2)).toEqual([3_000, 20_000]);
  });

  it('is nothing that could be done twice, nor what will not pass', async () => {
    answer = (_request, response) => response.writeHead(500).end();
    await errorOf(client().send({ method: 'POST', path: '/v1/runs/x/starts', isRepeatable: false }));
    answer = (_request, response) => response.writeHead(501).end('{"code":"not-on-one-machine","detail":"no","remedy":"Deploy."}');
    expect(await errorOf(client().send(get))).toMatchObject({ code: 'not-on-one-machine', message: 'no', remedy: 'Deploy.' });
    expect(requests).toHaveLength(2);
  });
});

describe('a server that does not answer', () => {
  it('is given up after the time-out, also in the middle of an answer', async () => {
    answer = (request, response) => (request.url?.includes('slow') ? response.writeHead(200).write('{') : undefined);
    const silent = await errorOf(client(50).send({ ...get, isRepeatable: false }));
    const slow = await errorOf(client(50).send({ ...get, path: '/v1/slow', isRepeatable: false }));
    for (const error of [silent, slow])
      expect(error).toMatchObject({ code: 'api-unreachable', message: expect.stringContaining('did not answer in time') });
  });
});

describe('a request', () => {
  it('keeps the base path, signs for execute-api with the session, and shows no secret in any error', async () => {
    answer = (_request, response) => response.writeHead(403).end('{"message":"Forbidden"}');

    const error = await errorOf(client().send({ ...get, query: { limit: '2' } }));

    const [request] = requests;
    expect(request?.url).toBe('/base/v1/runs?limit=2');
    expect(request?.headers.authorization).toMatch(
      /^AWS4-HMAC-SHA256 Credential=AKID\/\d{8}\/us-east-1\/execute-api\/aws4_request, SignedHeaders=\S*host;/,
    );
    expect(request?.headers['x-amz-security-token']).toBe('session');
    expect(`${error.message}${error.remedy}${String(error.cause)}`).not.toMatch(/very-secret|AWS4|session/);
    expect(error.code).toBe('api-access-denied');
  });

  it('brings a token instead of a signature where the deployment wants one', async () => {
    answer = (_request, response) => response.writeHead(200).end('{}');
    const { port } = server.address() as AddressInfo;
    const access = { kind: 'bearer', token: 'abc' } as const;
    await apiClient({ baseUrl: `http://127.0.0.1:${port}`, region: 'us-east-1', access, sleep: async () => {} }).send(get);
    expect(requests[0]?.headers.authorization).toBe('Bearer abc');
  });

  it('does not follow redirects: their targets are for the caller to judge', async () => {
    answer = (_request, response) => response.writeHead(303, { location: 'http://169.254.169.254/' }).end();
    expect((await client().send(get)).status).toBe(303);
    expect(requests).toHaveLength(1);
  });
});

describe('a stack', () => {
  const stack = (status: string, outputs: Record<string, string> = {}): FoundStack => ({
    ...{ stackName: 'b-service', stackId: 'id', status, reason: null, isOurs: true },
    outputs: new Map(Object.entries(outputs)),
  });
  const outputs = {
    ApiUrl: 'https://a.test',
    BucketName: 'b',
    TableName: 't',
    ClusterName: 'c',
    StateMachineArn: 'arn',
    BakeoffVersion: '0.1.0',
  };
  const codeOf = (given: FoundStack): string => {
    try {
      deploymentOf(given);
      return 'usable';
    } catch (thrown) {
      return thrown instanceof BakeoffError ? thrown.code : 'unexpected';
    }
  };

  it.each([
    ['CREATE_COMPLETE', 'usable'],
    ['UPDATE_ROLLBACK_COMPLETE', 'usable'],
    ['UPDATE_IN_PROGRESS', 'usable'],
    ['CREATE_IN_PROGRESS', 'stack-not-ready'],
    ['ROLLBACK_COMPLETE', 'stack-failed'],
    ['UPDATE_ROLLBACK_FAILED', 'stack-failed'],
    ['DELETE_FAILED', 'stack-being-deleted'],
  ])('that is %s is %s', (status, code) => {
    expect(codeOf(stack(status, outputs))).toBe(code);
  });

  it('without our outputs, or with others in their place, is none of Bakeoff', () => {
    expect(codeOf(stack('CREATE_COMPLETE'))).toBe('stack-not-bakeoff');
    expect(codeOf(stack('CREATE_COMPLETE', { ...outputs, ApiUrl: 'file:///etc/passwd' }))).toBe('stack-not-bakeoff');
  });

  it.each([
    ['0.1.0', 'same'],
    ['0.2.0', 'differs'],
    ['1.0.0', 'major-differs'],
    ['latest', 'unknown'],
    [null, 'unknown'],
  ])('of version %s: %s', (deployed, match) => {
    expect(versionMatch('0.1.0', deployed)).toBe(match);
  });
});

describe('what the SDK throws', () => {
  const named = (name: string, message = 'x', more = {}) => Object.assign(new Error(message), { name, ...more });
  it.each([
    [named('CredentialsProviderError'), 'aws-credentials-missing'],
    [named('ExpiredTokenException'), 'aws-credentials-refused'],
    [named('AccessDenied', 'not authorized to perform: cloudformation:DescribeStacks'), 'aws-access-denied'],
    [named('Other', 'x', { $metadata: { httpStatusCode: 403 } }), 'aws-access-denied'],
    [named('Error', 'Region is missing'), 'aws-region-missing'],
    [named('ThrottlingException'), 'aws-throttled'],
    [named('Error', 'connect', { code: 'ECONNREFUSED' }), 'aws-unreachable'],
    [named('AggregateError', '', { cause: named('Error', 'x', { code: 'ENOTFOUND' }) }), 'aws-unreachable'],
    [named('ValidationError', 'no'), 'aws-failed'],
  ])('%s becomes %s', (thrown, code) => {
    const error = explainAwsError(thrown, 'read it');
    expect(error).toMatchObject({ code, kind: 'environment', message: expect.stringMatching(/^could not read it: /) });
    expect(error.remedy).toMatch(/^[A-Z].*\.$/);
  });
});

describe('the AWS SDK', () => {
  it('is loaded by no verb before a deployment is asked for', async () => {
    const { VERBS } = await import('../../lib/cli/verbs.ts');
    const files = readdirSync('lib/cli').filter((file) => file.endsWith('.ts'));
    const options = {
      bundle: true,
      write: false,
      metafile: true,
      platform: 'node',
      format: 'esm',
      packages: 'external',
      splitting: true,
    } as const;
    const { metafile } = await build({
      ...options,
      entryPoints: files.map((file) => `lib/cli/${file}`),
      outdir: 'out',
      logLevel: 'silent',
    });
    const loaded = new Set(files.map((file) => `lib/cli/${file}`));
    for (const file of loaded) {
      for (const { path, kind } of metafile.inputs[file]?.imports ?? []) if (kind === 'import-statement') loaded.add(path);
    }

    expect(VERBS.length).toBeGreaterThan(15);
    expect(loaded.size).toBeGreaterThan(100);
    expect([...loaded].filter((path) => /^(@aws|@smithy)|adapters\/aws/.test(path))).toEqual([]);
  });
});

describe('how often a watch looks', () => {
  it('begins with 2 s and rises to 15 s', () => {
    const waits: number[] = [];
    for (let wait: number | null = null; waits.length < 12; waits.push(wait)) wait = nextWaitMs(wait);
    expect(waits.slice(0, 3)).toEqual([2_000, 2_500, 3_125]);
    expect(waits.slice(-2)).toEqual([15_000, 15_000]);
  });
});

describe('the suite in a submitted spec', () => {
  it.each([
    ['name: x\nsuite: ./my suite\nmodels: []\n', './my suite', 'name: x\nsuite: id-1\nmodels: []\n'],
    ['suite: "../a+b"  # ours\n', '../a+b', 'suite: "id-1"  # ours\n'],
    ['{"name": "suite", "suite": "./a", "x": "./a"}', './a', '{"name": "suite", "suite": "id-1", "x": "./a"}'],
  ])('is replaced in place: %j', (text, path, expected) => {
    expect(withSuite(text, path, 'id-1')).toBe(expected);
  });

  it('is refused where it cannot be', () => {
    expect(() => withSuite('suite: >-\n  ./a\n', './a', 'id-1')).toThrow(/could not be replaced/);
  });
});

describe('files that a report links', () => {
  it('are those below the run; a report cannot lead elsewhere', async () => {
    const report = await buildReport(reportFixture('text'));
    const [example] = report.examples;
    const linked = (href: string) =>
      ({ kind: 'image', contentType: 'image/png', bytes: 1, width: 1, height: 1, source: { kind: 'linked', href } }) as const;
    const hrefs = [
      '../jobs/a/outputs/1/x.png',
      '../jobs/a/outputs/1/x.png',
      '../../../../etc/passwd',
      '../jobs/../../x',
      '/etc/passwd',
      'https://e.test/x',
    ];
    const api = `/v1/runs/${report.run.runId}/files/jobs/a/outputs/1/y.png`;

    const names = linkedFiles({ ...report, examples: [{ ...example!, media: [...hrefs, api].map(linked), outputs: [] }] });

    expect(names).toEqual(['jobs/a/outputs/1/x.png', 'jobs/a/outputs/1/y.png']);
  });
});
