/**
 * What the tests of runs in containers share: whether Docker is here, an image of Node and the test's model, and whole runs through the CLI.
 * Images are made from this machine's Node, so that nothing is pulled; all are removed at the end.
 */
import { copyFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LABELS } from '../../lib/adapters/local/docker/container-settings.ts';
import type { SampleRow } from '../../lib/core/sample.ts';
import { sampleRowSchema } from '../../lib/core/sample.ts';
import { docker, nodeImage, removeAll, run } from '../isolation/test-containers.ts';
import { type CliEnd, type RunningCli, startCli } from '../local/run-cli.ts';

const here = import.meta.dirname;

/** Why runs in containers cannot be tested on this machine; null when they can. */
export function whyNoDocker(): string | null {
  if (process.platform !== 'linux') return 'it needs Linux';
  try {
    run('docker', ['info']);
    return null;
  } catch {
    return '"docker info" fails';
  }
}

export interface DockerRuns {
  /** Of Node and model.mjs; its command is the model. */
  readonly image: string;
  readonly work: string;
  /** Starts `bakeoff run` of one image entry and the messages that it is sent. */
  readonly start: (name: string, given: RunGiven, environment?: Record<string, string>) => RunningCli;
  readonly run: (name: string, given: RunGiven, environment?: Record<string, string>) => Promise<RunEnd>;
  readonly end: (name: string, ended: CliEnd) => RunEnd;
  readonly dirOf: (name: string) => string;
  readonly close: () => void;
}

export interface RunGiven {
  readonly messages: readonly string[];
  readonly entry?: object;
  readonly spec?: object;
  readonly words?: readonly string[];
}

export interface RunEnd extends CliEnd {
  readonly dir: string;
  /** Of the run's only job, without warm-up. */
  readonly rows: readonly SampleRow[];
  readonly report: Report | null;
}

interface Report {
  readonly run: { readonly environment: string; readonly state: string };
  readonly jobs: readonly {
    readonly containers?: readonly { readonly stage: string; readonly image: string; readonly digest: string }[];
    readonly failure: { readonly class: string; readonly code: string; readonly message: string } | null;
    readonly resources: readonly { readonly peakRssMiB: number | null; readonly cpuSeconds: number | null }[];
  }[];
}

export function dockerRuns(): DockerRuns {
  const work = mkdtempSync(join(tmpdir(), 'bakeoff-docker-'));
  const node = nodeImage('run', (root) => copyFileSync(join(here, 'model.mjs'), join(root, 'model.mjs')));
  const image = `${node}-model`;
  // An image by import has no command of its own.
  const id = docker(['create', '--entrypoint', '/node', node, '/model.mjs']);
  docker(['commit', '--change', 'ENTRYPOINT ["/node", "/model.mjs"]', '--change', 'CMD []', id, image]);
  docker(['rm', id]);
  const dirOf = (name: string): string => join(work, name);
  const start: DockerRuns['start'] = (name, given, environment = {}) => {
    const path = join(work, `${name}.json`);
    writeFileSync(path, JSON.stringify(specOf(name, image, given)));
    return startCli(['run', path, '--dir', dirOf(name), ...(given.words ?? [])], { BAKEOFF_DEBUG: '1', ...environment });
  };
  const end: DockerRuns['end'] = (name, ended) => ({ ...ended, dir: dirOf(name), ...stored(dirOf(name)) });
  return {
    image,
    work,
    dirOf,
    start,
    end,
    run: async (name, given, environment) => end(name, await start(name, given, environment).ended),
    close: () => {
      removeAll();
      rmSync(work, { recursive: true, force: true });
    },
  };
}

function specOf(name: string, image: string, { messages, entry, spec }: RunGiven): object {
  return {
    apiVersion: 'bakeoff/v1',
    name,
    items: messages.map((content, index) => ({ id: `item-${index}`, input: { messages: [{ role: 'user', content }] } })),
    models: [{ model: 'any', image, protocol: 'native', task: 'chat', requirements: { cpu: 1, memoryMiB: 256 }, ...entry }],
    load: { mode: 'closed', warmup: 0 },
    limits: { ready: '30s', sample: '20s', job: '3m', maxErrorRate: 1 },
    scorers: ['latency', 'resources'],
    ...spec,
  };
}

function stored(dir: string): Pick<RunEnd, 'rows' | 'report'> {
  const files = filesBelow(join(dir, 'runs'));
  const rows = files
    .filter((file) => /\/samples\/[^/]+\.jsonl$/.test(file))
    .flatMap((file) => readFileSync(file, 'utf8').trimEnd().split('\n'))
    .map((line) => sampleRowSchema.parse(JSON.parse(line)));
  const report = files.find((file) => file.endsWith('/report.json'));
  return { rows, report: report === undefined ? null : JSON.parse(readFileSync(report, 'utf8')) };
}

function filesBelow(folder: string): string[] {
  try {
    return readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name));
  } catch {
    return [];
  }
}

/** Containers that runs of this folder have made and not removed: their ids and states. */
export function containersOf(dir: string): string[] {
  const text = docker(['ps', '--all', '--filter', `label=${LABELS.dir}=${dir}`, '--format', '{{.Names}} {{.State}}']);
  return text.split('\n').filter((line) => line !== '');
}
