/** The real entry of the CDK, as `npx cdk synth` runs it, on a machine that has neither an AWS account nor Docker. */
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { root } from './synth-fixture.ts';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'bakeoff-entry-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** Nothing is on the path, no credentials are anywhere, nobody answers as Docker or as the metadata service. */
async function synth(context: object): Promise<{ readonly stderr: string; readonly code: number }> {
  const env = {
    ...{ HOME: folder, PATH: folder, AWS_EC2_METADATA_DISABLED: 'true', DOCKER_HOST: 'tcp://127.0.0.1:1' },
    ...{ CDK_OUTDIR: join(folder, 'out'), CDK_CONTEXT_JSON: JSON.stringify(context) },
  };
  const run = promisify(execFile)(process.execPath, [join(root, 'bin/app.ts')], { cwd: root, env });
  return run.then(
    ({ stderr }) => ({ stderr, code: 0 }),
    (error: { readonly stderr: string; readonly code: number }) => ({ stderr: error.stderr, code: error.code }),
  );
}

const contextOfFile = async (): Promise<Record<string, unknown>> => JSON.parse(await readFile(join(root, 'cdk.json'), 'utf8')).context;

it('synthesises both stacks for any account and Region, and asks nothing', { timeout: 180_000 }, async () => {
  expect(await synth(await contextOfFile())).toEqual({ stderr: '', code: 0 });

  const { artifacts, missing } = JSON.parse(await readFile(join(folder, 'out/manifest.json'), 'utf8'));
  expect(missing).toBeUndefined();
  for (const name of ['bakeoff-data', 'bakeoff-service'])
    expect(artifacts[name]).toMatchObject({ type: 'aws:cloudformation:stack', environment: 'aws://unknown-account/unknown-region' });
});

it('tells wrong settings in two lines, without a stack trace', { timeout: 60_000 }, async () => {
  const { stderr, code } = await synth({ ...(await contextOfFile()), bakeoff: { network: 'none', zones: 2 } });

  expect(code).toBe(1);
  expect(stderr).toMatch(/bakeoff\.network/);
  expect(stderr).toMatch(/bakeoff\.zones is an unknown key/);
  expect(stderr).not.toMatch(/^\s+at /m);
});
