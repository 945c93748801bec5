/**
 * Models that go wrong in every way that we know of, through the real CLI with real processes: the sample or the job fails with the
 * right class and cause, the other jobs finish, the run is incomplete, and the exit code is 3.
 */
import { cpSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { processesOf } from './process-scan.ts';
import { type CliEnd, runCli } from './run-cli.ts';

const fixture = join(import.meta.dirname, '../fixtures/packages/troublesome');
const work = mkdtempSync(join(tmpdir(), 'bakeoff-trouble-'));
const dir = join(work, 'out');
const START_FAULTS = ['never-ready', 'failed', 'exits', 'wrong-instance'] as const;
const SAMPLE_FAULTS = ['hang', '500', 'garbage', 'empty-video', 'truncated-video', 'huge', 'outside', 'link', 'memory', 'poison', 'broken'];

interface JobDocument {
  readonly model: string;
  readonly jobId: string;
  readonly params: { readonly fault: string };
  readonly state: string;
  readonly samples: { readonly planned: number; readonly succeeded: number; readonly failed: number; readonly missing: number };
  readonly failure: { readonly class: string; readonly code: string; readonly message: string } | null;
}

let end: CliEnd;
let document: { runId: string; state: string; jobs: JobDocument[] };

function makePackages(): string {
  const folder = join(work, 'packages');
  cpSync(fixture, join(folder, 'troublesome'), { recursive: true });
  for (const fault of START_FAULTS) {
    const copy = join(folder, fault);
    cpSync(fixture, copy, { recursive: true });
    writeFileSync(join(copy, 'start-fault.json'), JSON.stringify(fault));
    writeFileSync(join(copy, 'model.yaml'), readFileSync(join(fixture, 'model.yaml'), 'utf8').replace('id: troublesome', `id: ${fault}`));
  }
  return folder;
}

beforeAll(async () => {
  const spec = {
    apiVersion: 'bakeoff/v1',
    name: 'trouble',
    items: ['one', 'two', 'three', 'trouble', 'five', 'six'].map((prompt, index) => ({ id: `item-${index}`, input: { prompt } })),
    models: [...START_FAULTS.map((model) => ({ model })), { model: 'troublesome', matrix: { fault: [...SAMPLE_FAULTS, 'none'] } }],
    samples: { seed: 4 },
    load: { mode: 'closed', concurrency: 1, warmup: 0 },
    limits: { ready: '4s', sample: '3s', job: '2m', maxErrorRate: 0.9, minSamplesForStop: 6 },
    scorers: ['latency'],
  };
  const path = join(work, 'spec.json');
  writeFileSync(path, JSON.stringify(spec));
  end = await runCli(['run', path, '--dir', dir, '--json'], { BAKEOFF_MODELS: makePackages() });
  document = JSON.parse(end.stdout);
}, 300_000);

const jobOf = (fault: string): JobDocument => {
  const job = document.jobs.find((candidate) =>
    candidate.model === 'troublesome' ? candidate.params.fault === fault : candidate.model === fault,
  );
  if (job === undefined) throw new Error(`there is no job for ${fault}`);
  return job;
};

/** Final rows of a job as `state class code`, by how often. */
function rowsOf(fault: string): Record<string, number> {
  const folder = join(dir, 'runs', document.runId, 'jobs', jobOf(fault).jobId, 'samples');
  const rows = readdirSync(folder).flatMap((name) => readFileSync(join(folder, name), 'utf8').trimEnd().split('\n'));
  const counts: Record<string, number> = {};
  for (const line of rows) {
    const row = JSON.parse(line);
    const name = row.state === 'succeeded' ? 'succeeded' : `${row.error.class} ${row.error.code}`;
    counts[name] = (counts[name] ?? 0) + 1;
  }
  return counts;
}

describe('a run with models that go wrong', () => {
  it('is incomplete, ends with exit code 3, and leaves no process', () => {
    expect(end.stderr).not.toMatch(/\n\s+at /);
    expect([end.exitCode, document.state]).toEqual([3, 'incomplete']);
    expect(processesOf(dir)).toEqual([]);
  });

  it('lets the job that goes well finish', () => {
    expect(jobOf('none')).toMatchObject({
      state: 'succeeded',
      samples: { planned: 6, succeeded: 6, failed: 0, missing: 0 },
      failure: null,
    });
  });

  it.each([
    ['never-ready', 'timeout', 'never-ready'],
    ['failed', 'model_error', 'bad-weights'],
    ['exits', 'model_error', 'server-died'],
    ['wrong-instance', 'infra', 'wrong-instance'],
    ['broken', 'model_error', 'server-died'],
  ])('fails the job of a model that is %s as %s %s', (fault, failureClass, code) => {
    expect(jobOf(fault)).toMatchObject({ state: 'failed', samples: { succeeded: 0 }, failure: { class: failureClass, code } });
  });

  it('repeats the last words of a server that ended by itself', () => {
    expect(jobOf('exits').failure?.message).toContain('exit code 9: no weights: the file is not there');
  });

  it.each([
    ['hang', 'timeout', 'sample-deadline'],
    ['500', 'model_error', 'http-500'],
    ['garbage', 'model_error', 'answer-not-json'],
    ['empty-video', 'model_error', 'output-not-a-video'],
    ['truncated-video', 'model_error', 'output-not-a-video'],
    ['huge', 'model_error', 'answer-too-large'],
    ['outside', 'model_error', 'output-outside'],
    ['link', 'model_error', 'output-link'],
    ['memory', 'oom_host', 'out-of-memory'],
    ['poison', 'model_error', 'server-died'],
  ])('fails only the sample that meets %s, as %s %s', (fault, failureClass, code) => {
    expect(rowsOf(fault)).toEqual({ succeeded: 5, [`${failureClass} ${code}`]: 1 });
    expect(jobOf(fault)).toMatchObject({ state: 'incomplete', samples: { planned: 6, succeeded: 5, failed: 1, missing: 0 } });
  });
});
