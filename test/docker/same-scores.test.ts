/**
 * The same spec as processes and in containers, with packages of this repository and their images: the same samples, outputs and scores. The
 * images are those of the emulator level, built once from the packages' own Dockerfiles; without them it skips, unless Docker is demanded.
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { packageTag } from '../../lib/adapters/local/docker/package-image.ts';
import { readRegistry } from '../../lib/adapters/local/registry.ts';
import { ensureBaseImage } from '../emulator/base-image.ts';
import { ourImages } from '../emulator/image-names.ts';
import { ensureImage } from '../emulator/build-image.ts';
import { docker } from '../isolation/test-containers.ts';
import { ROOT, runCli } from '../local/run-cli.ts';
import { containersOf, whyNoDocker } from './docker-runs.ts';

const PACKAGES = ['ridge', 'mean-baseline', 'oracle-t2v', 'pocket-t2v', 'eval-video'];
const isRequired = process.env.BAKEOFF_REQUIRE_DOCKER === '1';
const why = whyNoDocker() ?? (isRequired || (await haveImages()) ? null : 'the images of the packages are not built');
if (why !== null && !isRequired) console.warn(`\nNOT TESTED: equal scores as processes and in containers, for ${why}.\n`);

async function haveImages(): Promise<boolean> {
  return (await Promise.all(PACKAGES.map((name) => ourImages(name)))).every((tags) => tags.length > 0);
}

let work = '';
const tagged: string[] = [];

beforeAll(async () => {
  if (why !== null && !isRequired) return;
  work = mkdtempSync(join(tmpdir(), 'bakeoff-same-'));
  const baseImage = await ensureBaseImage(ROOT);
  const context = join(ROOT, 'models');
  const { models, evaluators } = await readRegistry({ root: ROOT });
  for (const id of PACKAGES) {
    const found = models.get(id) ?? evaluators.get(id);
    if (found === undefined) throw new Error(`no package ${id}`);
    const sources = [join(context, id), join(context, '_server/src')];
    const image = await ensureImage({ name: id, dockerfile: join(context, id, 'Dockerfile'), context, baseImage, sources });
    const tag = packageTag(found);
    if (docker(['images', '--quiet', tag]) !== '') continue;
    docker(['tag', image.tag, tag]);
    tagged.push(tag);
  }
}, 3_600_000);
afterAll(() => {
  for (const tag of tagged) docker(['rmi', tag]);
  if (work !== '') rmSync(work, { recursive: true, force: true });
});

interface Scored {
  readonly jobs: readonly {
    readonly jobId: string;
    readonly scores: { readonly metrics: readonly { readonly name: string; readonly value: number | null; readonly n: number }[] };
    readonly containers?: readonly { readonly stage: string; readonly image: string }[];
  }[];
}

/** Scores of the run, but for those of time and memory. */
async function scoresIn(environment: 'process' | 'docker', spec: object): Promise<{ readonly report: Scored; readonly dir: string }> {
  const dir = mkdtempSync(join(work, `${environment}-`));
  const path = join(dir, 'spec.json');
  writeFileSync(path, JSON.stringify(spec));
  const end = await runCli(['run', path, '--env', environment, '--dir', dir]);
  expect(end.exitCode, end.stderr).toBe(0);
  const [run = ''] = readdirSync(join(dir, 'runs'));
  return { report: JSON.parse(readFileSync(join(dir, 'runs', run, 'report/report.json'), 'utf8')), dir };
}

const valuesOf = ({ jobs }: Scored) =>
  jobs.map(({ jobId, scores }) => [jobId, scores.metrics.map(({ name, value, n }) => [name, value, n])]);

const SPECS: [string, object][] = [
  [
    'rows to numbers',
    {
      ...{ apiVersion: 'bakeoff/v1', name: 'same-rows', suite: 'diabetes', samples: { limit: 20 } },
      ...{ models: [{ model: 'ridge' }, { model: 'mean-baseline' }], load: { mode: 'closed', warmup: 1 }, scorers: ['numbers'] },
    },
  ],
  [
    'prompts to clips, judged by an evaluator',
    {
      ...{ apiVersion: 'bakeoff/v1', name: 'same-clips', suite: 'shapes', samples: { limit: 3 } },
      ...{ models: [{ model: 'oracle-t2v' }, { model: 'pocket-t2v', params: { steps: 2 } }], load: { mode: 'closed', warmup: 0 } },
      scorers: ['shapes', 'video'],
    },
  ],
];

describe.skipIf(why !== null && !isRequired)('a spec has the same scores as processes and in containers', () => {
  it.each(SPECS)(
    '%s',
    async (_, spec) => {
      const asProcesses = await scoresIn('process', spec);
      const inContainers = await scoresIn('docker', spec);

      expect(valuesOf(inContainers.report)).toEqual(valuesOf(asProcesses.report));
      expect(valuesOf(inContainers.report).flat(2).length).toBeGreaterThan(4);
      for (const { containers = [] } of inContainers.report.jobs) expect(containers.map(({ image }) => image)).not.toEqual([]);
      for (const { containers } of asProcesses.report.jobs) expect(containers).toBeUndefined();
      expect(containersOf(inContainers.dir)).toEqual([]);
    },
    600_000,
  );
});
