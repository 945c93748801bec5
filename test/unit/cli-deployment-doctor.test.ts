/** What `bakeoff doctor` says of an account and a deployment: on facts as AWS words them, and through the CLI against MiniStack. */
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { parseEcrImage, readManifest } from '../../lib/adapters/aws/image-platforms.ts';
import { DEFAULT_FLEET } from '../../lib/core/fleet.ts';
import { checkCdkCli } from '../../lib/doctor/cdk-cli.ts';
import { checkDocker } from '../../lib/doctor/docker-present.ts';
import { judgeImages } from '../../lib/doctor/image-architecture.ts';
import { judgeQuotas, quotaNeeds } from '../../lib/doctor/vcpu-quota.ts';
import { type MiniStack, startMiniStack } from '../emulator/ministack.ts';
import { callCli, type DeploymentFixture, deploymentFixture } from '../fixtures/deployment-fixture.ts';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'bakeoff-doctor-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe('vCPU quotas', () => {
  it('are asked for by family and market, with what the whole fleet and its largest instance take', () => {
    const { needs, unknown } = quotaNeeds(DEFAULT_FLEET);

    expect(needs.map(({ code, neededVcpus, leastVcpus }) => [code, neededVcpus, leastVcpus])).toEqual([
      ['L-3819A6DF', 16, 4],
      ['L-1216C47A', 16, 4],
    ]);
    expect(unknown).toEqual([]);
  });

  const gpu = (vcpus: number) =>
    judgeQuotas(
      quotaNeeds(DEFAULT_FLEET).needs.map((need) => ({ ...need, vcpus })),
      [],
    );

  it('suffice, are short, or let nothing start at all', () => {
    expect(gpu(16)).toMatchObject({ status: 'ok', remedy: null });
    expect(gpu(15)).toMatchObject({ status: 'warn', found: expect.stringContaining('L-3819A6DF): 15 vCPUs, the fleet takes up to 16') });
    expect(gpu(0)).toMatchObject({ status: 'missing', found: expect.stringContaining('none of these would start') });
  });

  it('name what they do not know instead of passing it', () => {
    const { unknown } = quotaNeeds([{ name: 'huge', instanceType: 'p5.48xlarge', market: 'spot', maxInstances: 1 }]);
    expect(unknown).toEqual(['huge (p5.48xlarge spot)']);
    expect(judgeQuotas([], unknown).found).toContain('not checked: huge (p5.48xlarge spot)');
  });
});

describe('images', () => {
  const digest = `sha256:${'a'.repeat(64)}`;

  it('are found in ECR by digest or tag, and nowhere else', () => {
    const image = `111122223333.dkr.ecr.us-east-1.amazonaws.com/models/vlm@${digest}`;
    expect(parseEcrImage(image)).toEqual({ registryId: '111122223333', repositoryName: 'models/vlm', imageId: { imageDigest: digest } });
    expect(parseEcrImage('111122223333.dkr.ecr.us-east-1.amazonaws.com/vlm:1')?.imageId).toEqual({ imageTag: '1' });
    expect([parseEcrImage('nginx'), parseEcrImage('evil.test/111122223333.dkr.ecr.us-east-1.amazonaws.com/vlm:1')]).toEqual([null, null]);
  });

  it('tell their platforms in an index, and name their configuration otherwise', () => {
    const manifests = [{ platform: { os: 'linux', architecture: 'arm64' } }, { platform: { os: 'unknown', architecture: 'unknown' } }];
    expect(readManifest(JSON.stringify({ schemaVersion: 2, manifests }))).toEqual({ platforms: ['linux/arm64'] });
    expect(readManifest(JSON.stringify({ schemaVersion: 2, config: { digest } }))).toEqual({ configDigest: digest });
    expect(() => readManifest('{"schemaVersion": 1}')).toThrow();
  });

  it('for another machine are missing ones, and those that nobody could read are said to be so', () => {
    const arm = judgeImages([{ image: 'vlm', platforms: ['linux/arm64'] }]);
    expect(arm).toMatchObject({ status: 'missing', found: expect.stringContaining('not for linux/amd64: vlm (linux/arm64)') });
    expect(
      judgeImages([
        { image: 'a', platforms: ['linux/amd64', 'linux/arm64'] },
        { image: 'b', platforms: null },
      ]),
    ).toMatchObject({ status: 'ok', found: expect.stringContaining('1 not checked') });
    expect(judgeImages([])).toMatchObject({ status: 'skipped' });
  });
});

describe('Docker', () => {
  it('is where one deploys from, and its lack keeps nobody from using a deployment', () => {
    expect(checkDocker({ findProgram: (name) => (name === 'docker' ? '/bin/docker' : null) })).toMatchObject({
      status: 'ok',
      found: '/bin/docker',
    });
    expect(checkDocker({ findProgram: () => null })).toMatchObject({ status: 'warn', remedy: expect.stringContaining('CDK_DOCKER') });
  });
});

describe('the CDK CLI', () => {
  it('is the pinned one, and another on the PATH is named with its version', async () => {
    const root = join(folder, 'root');
    const other = join(folder, 'other/lib/aws-cdk');
    await mkdir(join(root, 'node_modules/aws-cdk'), { recursive: true });
    await mkdir(join(other, 'bin'), { recursive: true });
    await writeFile(join(root, 'package.json'), '{"devDependencies": {"aws-cdk": "2.1148.1"}}');
    await writeFile(join(root, 'node_modules/aws-cdk/package.json'), '{"name": "aws-cdk", "version": "2.1148.1"}');
    await writeFile(join(other, 'package.json'), '{"name": "aws-cdk", "version": "3.0.0"}');
    await writeFile(join(other, 'bin/cdk'), '');
    await symlink(join(other, 'bin/cdk'), join(folder, 'cdk'));

    expect(await checkCdkCli({ findProgram: () => null }, root)).toMatchObject({ status: 'ok', found: 'aws-cdk 2.1148.1' });
    expect(await checkCdkCli({ findProgram: () => join(folder, 'cdk') }, root)).toMatchObject({
      status: 'warn',
      found: expect.stringContaining('3.0.0'),
    });
    await writeFile(join(root, 'node_modules/aws-cdk/package.json'), '{"name": "aws-cdk", "version": "3.0.0"}');
    expect(await checkCdkCli({ findProgram: () => null }, root)).toMatchObject({ status: 'warn', remedy: 'Run `npm ci`.' });
  });
});

describe('against an account', () => {
  let emulator: MiniStack;
  let deployed: DeploymentFixture;
  beforeAll(async () => {
    emulator = await startMiniStack();
    for (const [name, value] of Object.entries(emulator.env)) vi.stubEnv(name, value);
    deployed = await deploymentFixture(emulator);
  });
  afterAll(async () => {
    await deployed.close();
    await emulator.stop();
  });
  const root = process.cwd();
  const doctor = (environment: NodeJS.ProcessEnv, ...argv: string[]) =>
    callCli(['doctor', '--dir', folder, ...argv], {
      cwd: root,
      environment: { PATH: process.env.PATH, HOME: process.env.HOME, ...environment },
    });
  const cloudOf = async (...argv: string[]) => {
    const { stdout } = await doctor({ AWS_REGION: 'us-east-1' }, '--json', ...argv);
    const { findings } = JSON.parse(stdout);
    return new Map<string, { status: string; found: string }>(findings.map((finding: { id: string }) => [finding.id, finding]));
  };

  it('sees who calls, the bootstrap and the version of the stack', async () => {
    expect((await cloudOf('--stack', 'bakeoff')).get('cdk-bootstrap')).toMatchObject({
      status: 'warn',
      found: expect.stringContaining('not bootstrapped'),
    });
    const Parameter = { Name: '/cdk-bootstrap/hnb659fds/version', Value: '30', Type: 'String' } as const;
    await new SSMClient(emulator.clientConfig).send(new PutParameterCommand(Parameter));

    const findings = await cloudOf('--stack', 'bakeoff');

    expect(findings.get('aws-credentials')).toMatchObject({
      status: 'ok',
      found: expect.stringMatching(/^account 000000000000, us-east-1/),
    });
    expect(findings.get('cdk-bootstrap')).toMatchObject({ status: 'ok', found: 'version 30' });
    expect(findings.get('stack-version')).toMatchObject({
      status: 'ok',
      found: expect.stringContaining('bakeoff-service is CREATE_COMPLETE'),
    });
  });

  it('misses a stack that was asked for', async () => {
    const { exitCode, stdout } = await doctor({}, '--stack', 'absent');
    expect(exitCode).toBe(4);
    expect(stdout.replaceAll(/\s+/g, ' ')).toContain('there is no stack absent (nor absent-service)');
    expect(stdout).toContain('This machine can run Bakeoff');
    expect(stdout).toMatch(/\nThe deployment absent cannot be used as it is: 1 missing\.\n$/);
    expect(stdout.split('\n').filter((line) => line.length > 80 && !line.includes('/'))).toEqual([]);
  });

  it('asks nothing of AWS without a stack or settings, and misses nothing of it for lack of credentials', async () => {
    expect((await doctor({})).stdout).not.toContain('aws-credentials');
    expect((await doctor({}, '--region', 'us-east-1')).stdout).toMatch(/ok +aws-credentials/);
    for (const name of ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY']) vi.stubEnv(name, '');
    const { exitCode, stdout } = await doctor({ AWS_REGION: 'us-east-1' });
    for (const name of ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY']) vi.stubEnv(name, 'test');
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/skipped {2}aws-credentials/);
    expect(stdout).toMatch(/skipped {2}vcpu-quota +not checked: see aws-credentials/);
  });
});
