/**
 * The image of a package, built by Docker from its Dockerfile over a base image of ours: built once per version of the package, with the
 * SDK in the context, and the builder's words when it fails. Skips without Docker as the other tests of this folder do.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DEFAULT_DOCKER_SOCKET, dockerClient } from '../../lib/adapters/local/docker/docker-client.ts';
import { packageImage, packageTag } from '../../lib/adapters/local/docker/package-image.ts';
import type { LocalPackage } from '../../lib/adapters/local/process/local-package.ts';
import { imageModel } from '../../lib/core/image-entry.ts';
import { docker, nodeImage, removeAll } from '../isolation/test-containers.ts';
import { whyNoDocker } from './docker-runs.ts';

const why = whyNoDocker();
const isRequired = process.env.BAKEOFF_REQUIRE_DOCKER === '1';
if (why !== null && !isRequired) console.warn(`\nNOT TESTED: images of packages, for ${why}.\n`);

let work = '';
let baseImage = '';
const built: string[] = [];
beforeAll(() => {
  if (why !== null && !isRequired) return;
  work = mkdtempSync(join(tmpdir(), 'bakeoff-package-image-'));
  baseImage = nodeImage('base');
  mkdirSync(join(work, 'models/_server/src/sdk'), { recursive: true });
  writeFileSync(join(work, 'models/_server/src/sdk/code.py'), 'the SDK');
}, 300_000);
afterAll(() => {
  for (const tag of built) docker(['rmi', '--force', tag]);
  removeAll();
  if (work !== '') rmSync(work, { recursive: true, force: true });
});

/** A package whose Dockerfile is this, in a folder that is not beside the SDK. */
function packageWith(dockerfile: string, digest: string): LocalPackage {
  const folder = join(work, 'elsewhere', 'Tiny.Model');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'Dockerfile'), dockerfile);
  writeFileSync(join(folder, 'adapter.py'), 'the adapter');
  const { manifest } = imageModel({ model: 'Tiny.Model', image: 'unused', params: {} });
  const own = { manifest, digest: digest.repeat(64), folder };
  built.push(packageTag(own));
  return own;
}

async function make(own: LocalPackage) {
  const events: string[] = [];
  const tools = { docker: await dockerClient(DEFAULT_DOCKER_SOCKET), socketPath: DEFAULT_DOCKER_SOCKET };
  const options = { sdkFolder: join(work, 'models/_server/src'), baseImage, installerEnv: {} };
  const image = await packageImage({ ...tools, onEvent: ({ event }) => events.push(event) }, own, options);
  return { image, events };
}

describe.skipIf(why !== null && !isRequired)('the image of a package', () => {
  it('is built from its Dockerfile with the SDK in the context, once', async () => {
    const own = packageWith(
      'ARG BASE_IMAGE=nothing\nFROM $BASE_IMAGE\nCOPY Tiny.Model/adapter.py _server/src/sdk/code.py /files/\nCMD ["/node"]\n',
      'a',
    );

    const first = await make(own);
    const second = await make(own);

    expect(packageTag(own)).toBe(`bakeoff/tiny-model:${'a'.repeat(16)}`);
    expect(first.events).toEqual(['pulling', 'pulled']);
    expect(first.image.broughtMs).toBeGreaterThan(0);
    expect(second).toEqual({ image: { ...first.image, broughtMs: null }, events: [] });
    const read = 'console.log(fs.readFileSync("/files/adapter.py") + "," + fs.readFileSync("/files/code.py"))';
    expect(docker(['run', '--rm', '--network', 'none', first.image.id, '/node', '-e', read])).toBe('the adapter,the SDK');
  });

  it("that cannot be built fails with the builder's words", async () => {
    const own = packageWith('ARG BASE_IMAGE=nothing\nFROM $BASE_IMAGE\nCOPY Tiny.Model/not-there /files/\n', 'b');

    await expect(make(own)).rejects.toMatchObject({ code: 'image-not-built', message: expect.stringContaining('not-there') });
  });

  it('says so when its Dockerfile is none', async () => {
    const own = packageWith('NONSENSE\n', 'c');

    await expect(make(own)).rejects.toMatchObject({ code: 'image-not-built', kind: 'environment' });
  });
});
