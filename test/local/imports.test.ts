/**
 * Imported suites and specs in real runs through the command line: what others have in their own formats is answered by real models, and the digest of
 * the imported suite stands in the results.
 */
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { keys } from '../../lib/core/object-key.ts';
import { type Report, reportSchema } from '../../lib/report/report-model.ts';
import { ROOT, runCli } from './run-cli.ts';

const work = mkdtempSync(join(tmpdir(), 'bakeoff-imported-'));
const dir = join(work, 'out');
afterAll(() => rmSync(work, { recursive: true, force: true }));

async function cli(...args: string[]) {
  const end = await runCli([...args, '--json', '--dir', dir], {}, work);
  expect(end.exitCode, end.stderr + end.stdout).toBe(0);
  return JSON.parse(end.stdout);
}

interface Ran {
  readonly report: Report;
  /** Model, samples that succeeded, samples that did not. */
  readonly counts: (string | number)[][];
}

async function run(spec: string): Promise<Ran> {
  const { runId, jobs } = await cli('run', spec);
  const counts = jobs.map(({ model, samples }: { model: string; samples: Record<string, number> }) => [
    model,
    samples.succeeded,
    samples.planned! - samples.succeeded!,
  ]);
  return { counts, report: reportSchema.parse(JSON.parse(readFileSync(join(dir, keys.report(runId, 'report.json')), 'utf8'))) };
}

const itemsOf = (suite: string) =>
  readFileSync(join(ROOT, `examples/suites/${suite}/items.jsonl`), 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));

describe('imports in real runs', () => {
  it('a folder of images with metadata is read by tesseract and scored', async () => {
    mkdirSync(join(work, 'lines'));
    const lines = itemsOf('ocr-lines').slice(0, 4);
    for (const { id } of lines) copyFileSync(join(ROOT, `examples/suites/ocr-lines/images/${id}.png`), join(work, `lines/${id}.png`));
    const rows = lines.map(({ id, reference, attributes }) => `${id}.png,"${reference.text}",${attributes.font}`);
    writeFileSync(join(work, 'lines/metadata.csv'), `file_name,text,font\n${rows.join('\n')}\n`);

    const { digest } = await cli(
      'suites',
      'import',
      'images',
      'lines',
      '--out',
      'lines-suite',
      '--category',
      'font',
      '--prompt',
      'Read the line.',
    );
    const spec = {
      ...{ apiVersion: 'bakeoff/v1', name: 'imported-lines', suite: './lines-suite', models: [{ model: 'tesseract' }] },
      ...{ scorers: ['latency', 'text'], score: { rankBy: 'text.cer' } },
    };
    writeFileSync(join(work, 'lines.json'), JSON.stringify(spec));
    const { report, counts } = await run('lines.json');

    expect(counts).toEqual([['tesseract', 4, 0]]);
    expect(JSON.stringify(report)).toContain(digest);
    const cer = report.jobs[0]?.scores?.metrics.find(({ name }) => name === 'text.cer');
    expect(cer?.value).toBeLessThan(0.2);
    expect(Object.keys(report.jobs[0]?.scores?.categories ?? {})).toEqual(['font']);
  });

  it("VBench's metadata and an old run request are drawn by the reference model", async () => {
    const prompts = itemsOf('shapes')
      .slice(0, 3)
      .map(({ input }) => input.prompt);
    writeFileSync(join(work, 'info.json'), JSON.stringify(prompts.map((prompt_en) => ({ prompt_en, dimension: ['color'] }))));
    writeFileSync(join(work, 'request.json'), JSON.stringify({ model_name: 'oracle-t2v', prompts, config: { num_frames: 16, seed: 5 } }));

    const vbench = await cli('suites', 'import', 'vbench', 'info.json', '--out', 'clips', '--limit', '2');
    const { specs } = await cli('import', 'run-request', 'request.json', '--out', 'request');
    const spec = {
      apiVersion: 'bakeoff/v1',
      name: 'imported-clips',
      suite: './clips',
      models: [{ model: 'oracle-t2v' }],
      scorers: ['latency'],
    };
    writeFileSync(join(work, 'clips.json'), JSON.stringify(spec));

    const clips = await run('clips.json');
    expect([clips.counts, JSON.stringify(clips.report).includes(vbench.digest)]).toEqual([[['oracle-t2v', 2, 0]], true]);
    expect((await run(specs[0].path)).counts).toEqual([['oracle-t2v', 3, 0]]);
  });

  it('a regression file is answered by a regressor and scored', async () => {
    const rows = itemsOf('diabetes')
      .slice(0, 12)
      .map(({ id, input, reference }) => JSON.stringify({ id, features: input.row, target: reference.value, prediction: 1 }));
    writeFileSync(join(work, 'rows.jsonl'), `${rows.join('\n')}\n`);

    const { specs } = await cli('import', 'regression', 'rows.jsonl', '--model', 'mean-baseline', '--out', 'rows');
    const { report, counts } = await run(specs[0].path);

    expect(counts).toEqual([['mean-baseline', 12, 0]]);
    expect(report.jobs[0]?.scores?.metrics.find(({ name }) => name === 'numbers.mae')?.value).toBeGreaterThan(0);
  });
});
