/**
 * The bundles of the functions: size zipped, and time to load against a bare handler, fresh processes in turns. Targets: 512 KB zipped (the
 * report draws charts: vega alone is 190 KB), and at most twice the bare handler's time. A function also reads its settings while it loads.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deflateRawSync } from 'node:zlib';
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

/** Milliseconds from the start of a process until the handler can be called; the least that Lambda waits for. */
function loadMs(file: string): number {
  const program = `import(${JSON.stringify(file)}).then(({ handler }) => { if (typeof handler !== 'function') process.exit(9); process.exit(0); });`;
  const startedMs = performance.now();
  const { status, stderr } = spawnSync(process.execPath, ['-e', program], { env: VARIABLES, encoding: 'utf8' });
  if (status !== 0) throw new Error(`${file} did not load: ${stderr.slice(0, 2000)}`);
  return performance.now() - startedMs;
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
    const bareMs: number[] = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      bareMs.push(loadMs(bare));
      for (const { file, timesMs } of files) timesMs.push(loadMs(file));
    }
    const reference = median(bareMs);
    process.stdout.write(`functions, median of ${ROUNDS} fresh processes each; a bare handler takes ${reference.toFixed(1)} ms\n`);
    for (const { name, file, timesMs } of files) {
      const zipped = deflateRawSync(readFileSync(file), { level: 9 }).length + ZIP_OVERHEAD_BYTES;
      const size = `${(zipped / 1024).toFixed(0)} KB zipped${zipped > TARGET_BYTES ? ' (above the target of 512)' : ''}`;
      const ms = median(timesMs);
      process.stdout.write(
        `  ${name.padEnd(20)} ${size}, loads in ${ms.toFixed(1)} ms, ratio ${(ms / reference).toFixed(2)} (target at most 2)\n`,
      );
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
