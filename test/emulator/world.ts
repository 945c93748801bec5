/** Everything that the tests of the level share: the deployment on the emulated AWS, its API and CLI, and the runs it is compared with. */
import { chownSync, chmodSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { USERS } from '../../lib/core/environment-names.ts';
import { SOFTWARE_VERSION } from '../../lib/cli/software-version.ts';
import { type CliEnd, runCli } from '../local/run-cli.ts';
import { type ApiCaller, apiCaller } from './api-caller.ts';
import { ensureBaseImage } from './base-image.ts';
import { deploy, deployAgain, type Outputs, SERVICE_STACK } from './deploy.ts';
import { ensureDriverImage } from './driver-image.ts';
import { type EmulatedAws, startEmulatedAws } from './emulated-aws.ts';
import { type Figures, figures } from './figures.ts';
import { ensurePackageImages } from './package-images.ts';
import { EXAMPLES, type Example, referenceRun } from './reference-runs.ts';
import type { QualityScores } from './quality-scores.ts';
import { makeWorkFolder, VOLUME } from './work-folder.ts';

export const ROOT = join(import.meta.dirname, '../..');

export interface World {
  readonly aws: EmulatedAws;
  readonly outputs: Outputs;
  readonly api: ApiCaller;
  /** `bakeoff … --stack <ours>` in a process of its own. */
  readonly cli: (...args: readonly string[]) => Promise<CliEnd>;
  /** Runs of this host, one after the other; the first call starts them. */
  readonly references: () => ReadonlyMap<Example, Promise<ReadonlyMap<string, QualityScores>>>;
  /** Deploys this tree once more, as another version of the software. */
  readonly upgrade: (version: string) => Promise<Outputs>;
  readonly figures: Figures;
  readonly close: () => Promise<void>;
}

export async function openWorld(): Promise<World> {
  makeWorkFolder();
  const told = figures();
  const images = await timed(told, 'images (base, driver, packages)', prepareImages);
  makeVolume();
  const aws = await timed(told, 'start of the emulator', startEmulatedAws);
  try {
    const settings = { endpoint: aws.ministack.url, ...images, volume: VOLUME, version: SOFTWARE_VERSION };
    const outputs = await timed(told, 'cdk bootstrap and cdk deploy', () => deploy(ROOT, aws.ministack.env, settings));
    return {
      aws,
      outputs,
      api: apiCaller(ROOT, outputs.ApiUrl, aws.ministack.clientConfig),
      cli: (...args) => runCli([...args, '--stack', SERVICE_STACK], aws.ministack.env),
      references: once(startReferences),
      upgrade: (version) => deployAgain(ROOT, aws.ministack.env, { ...settings, version }),
      figures: told,
      close: aws.stop,
    };
  } catch (thrown) {
    await aws.stop();
    throw thrown;
  }
}

async function prepareImages(): Promise<{ driverImage: string; packageImages: Record<string, string> }> {
  const base = await ensureBaseImage(ROOT);
  const driver = await ensureDriverImage(base);
  const packages = await ensurePackageImages(ROOT, base);
  return { driverImage: driver.tag, packageImages: Object.fromEntries([...packages].map(([id, { tag }]) => [id, tag])) };
}

/** On AWS Docker copies owner and mode from the driver's image into the task's volume; folders of the host are made so here. */
function makeVolume(): void {
  for (const [path, mode] of [
    [VOLUME.outputs, 0o2775],
    [VOLUME.inputs, 0o2770],
  ] as const) {
    mkdirSync(path, { recursive: true });
    chownSync(path, USERS.driverUid, USERS.sharedGid);
    chmodSync(path, mode);
  }
}

function startReferences(): Map<Example, Promise<ReadonlyMap<string, QualityScores>>> {
  const runs = new Map<Example, Promise<ReadonlyMap<string, QualityScores>>>();
  let last: Promise<unknown> = Promise.resolve();
  for (const example of EXAMPLES) {
    const run = last.then(() => referenceRun(example));
    last = run.catch(() => undefined);
    // Awaited by the tests; a failure before that is no unhandled rejection.
    run.catch(() => undefined);
    runs.set(example, run);
  }
  return runs;
}

function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | null = null;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}

async function timed<T>(told: Figures, name: string, work: () => Promise<T>): Promise<T> {
  const startMs = performance.now();
  const result = await work();
  const seconds = (performance.now() - startMs) / 1000;
  told.note(name, `${seconds.toFixed(1)} s`);
  process.stdout.write(`${name}: ${seconds.toFixed(1)} s\n`);
  return result;
}
