/**
 * The bundles of the functions: size zipped, and processor time to load against a bare handler, fresh processes in turns. Targets: 512 KB
 * zipped, and at most twice the bare handler. A second reference shows what of it is the AWS SDK's: a handler that makes the two clients
 * that nearly every function has, and does nothing else. Each function also reads its settings while it loads.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deflateRawSync } from 'node:zlib';
import { build } from 'esbuild';
import { writeRegistryBundle } from '../lib/compose/registry-bundle.ts';
import { ENVIRONMENT } from '../lib/core/environment-names.ts';
import { DEFAULT_FLEET } from '../lib/core/fleet.ts';
import { bundleFunctions } from '../lib/infra/bundle-functions.ts';
import { FUNCTION_NAMES } from '../lib/infra/functions.ts';

const ROUNDS = 11;
const TARGET_BYTES = 512 * 1024;
/** Headers and directory of a zip file with one entry. */
const ZIP_OVERHEAD_BYTES = 200;
const root = join(import.meta.dirname, '..');

const ARN = 'arn:aws:iam::111122223333:role/x';
const TEMPLATE = {
  driverImage: 'd',
  taskRoleArn: ARN,
  executionRoleArn: ARN,
  logGroup: 'l',
  region: 'us-east-1',
  volume: { kind: 'docker' },
};

/** What infra sets; nothing of it is reached while a function loads. */
const VARIABLES: Readonly<Record<string, string>> = {
  [ENVIRONMENT.bucket]: 'results',
  [ENVIRONMENT.table]: 'records',
  [ENVIRONMENT.cluster]: 'cluster',
  [ENVIRONMENT.stateMachine]: 'arn:aws:states:us-east-1:111122223333:stateMachine:bakeoff',
  [ENVIRONMENT.eventBus]: 'default',
  [ENVIRONMENT.stack]: 'bakeoff',
  [ENVIRONMENT.fleet]: JSON.stringify(DEFAULT_FLEET),
  [ENVIRONMENT.allowedRegistries]: '[]',
  [ENVIRONMENT.taskTemplate]: JSON.stringify({ ...TEMPLATE, driverEnvironment: {} }),
  AWS_REGION: 'us-east-1',
  AWS_ACCESS_KEY_ID: 'none',
  AWS_SECRET_ACCESS_KEY: 'none',
};

/** Processor time, ms, from the start of a process until its handler can be called: on Lambda's one core the least that a start takes. */
function loadMs(file: string): number {
  const spent = 'const { user, system } = process.cpuUsage(); console.log((user + system) / 1000);';
  const program = `import(${JSON.stringify(file)}).then(({ handler }) => { ${spent} process.exit(typeof handler === 'function' ? 0 : 9); });`;
  const { status, stdout, stderr } = spawnSync(process.execPath, ['-e', program], { env: VARIABLES, encoding: 'utf8' });
  if (status !== 0) throw new Error(`${file} did not load: ${stderr.slice(0, 2000)}`);
  return Number(stdout.trim().split('\n').at(-1));
}

/** A handler with the two clients that nearly every function has. */
const SDK_HANDLER = `import { DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb';
import { GetObjectCommand, S3Client } from '@aws-sdk/client-s3';
const clients = [new S3Client({}), new DynamoDBClient({}), GetObjectCommand, GetItemCommand];
export const handler = async () => ({ clients: clients.length });
`;

async function bundleSdkHandler(outfile: string): Promise<void> {
  const stdin = { contents: SDK_HANDLER, resolveDir: root, loader: 'ts' as const };
  const banner = { js: "import { createRequire as make } from 'node:module'; const require = make(import.meta.url);" };
  const shape = { bundle: true, minify: true, platform: 'node', target: 'node24', format: 'esm' } as const;
  await build({ stdin, outfile, banner, mainFields: ['module', 'main'], ...shape });
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

export async function run(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'bakeoff-bundles-'));
  try {
    const registryFolder = join(folder, 'registry');
    await writeRegistryBundle({ root, packages: ['pocket-t2v'], folder: registryFolder });
    await bundleFunctions({ root, folder: join(folder, 'functions'), registryFolder });
    const bare = join(folder, 'bare.mjs');
    writeFileSync(bare, 'export const handler = async () => ({});\n');
    const files = FUNCTION_NAMES.map((name) => ({ name, file: join(folder, 'functions', name, 'index.mjs'), timesMs: [] as number[] }));
    const sdk = join(folder, 'sdk.mjs');
    await bundleSdkHandler(sdk);
    const [bareMs, sdkMs]: [number[], number[]] = [[], []];
    for (let round = 0; round < ROUNDS; round += 1) {
      bareMs.push(loadMs(bare));
      sdkMs.push(loadMs(sdk));
      for (const { file, timesMs } of files) timesMs.push(loadMs(file));
    }
    const [reference, withSdk] = [median(bareMs), median(sdkMs)];
    process.stdout.write(
      `functions, processor time, median of ${ROUNDS} fresh processes each: a bare handler ${reference.toFixed(1)} ms, `,
    );
    process.stdout.write(`one with the clients of S3 and DynamoDB ${withSdk.toFixed(1)} ms (ratio ${(withSdk / reference).toFixed(2)})\n`);
    for (const { name, file, timesMs } of files) {
      const zipped = deflateRawSync(readFileSync(file), { level: 9 }).length + ZIP_OVERHEAD_BYTES;
      const size = `${(zipped / 1024).toFixed(0)} KB zipped${zipped > TARGET_BYTES ? ' (above the target of 512)' : ''}`;
      const ms = median(timesMs);
      process.stdout.write(
        `  ${name.padEnd(20)} ${size}, loads in ${ms.toFixed(1)} ms, ratio ${(ms / reference).toFixed(2)} (target at most 2), to the one with clients ${(ms / withSdk).toFixed(2)}\n`,
      );
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
