/**
 * Labels, structured answers, overlap and their reports through the real CLI, on inline items and a model that answers with its prompt: `rescore`
 * has the same digits, and the page shows the confusion matrix.
 */
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import { keys } from '../../lib/core/object-key.ts';
import { type Report, reportSchema } from '../../lib/report/report-model.ts';
import { chromiumIsHere, launchChromium } from '../browser/chromium.ts';
import { ROOT, runCli } from './run-cli.ts';

const work = mkdtempSync(join(tmpdir(), 'bakeoff-answers-'));
const dir = join(work, 'out');
const MODELS = { BAKEOFF_MODELS: join(ROOT, 'test/fixtures/packages') };
const KINDS = ['Invoice', 'receipt', 'letter'];

/** Item 1 to 30: two thirds are answered right before any slip. */
const items = Array.from({ length: 30 }, (_, index) => {
  const [kind, given] = [KINDS[index % 3]!, KINDS[(index + (index % 6 === 5 ? 1 : 0)) % 3]!];
  const confidence = 0.5 + (index % 5) / 10;
  const scores = Object.fromEntries(KINDS.map((name) => [name, name === given ? confidence : (1 - confidence) / 2]));
  return {
    id: `page-${index + 1}`,
    input: { messages: [{ role: 'user', content: JSON.stringify({ number: index + 1, kind, label: given, confidence, scores }) }] },
    reference: { label: kind, fields: { number: index + 1, kind }, texts: [`{"number": ${index + 1}, "kind": "${kind}"}`, kind] },
    attributes: { kind },
  };
});

let report: Report;
let runId: string;
const text = (file: string): string => readFileSync(join(dir, keys.report(runId, file)), 'utf8');
const valuesOf = ({ jobs }: Report) => jobs.map(({ jobId, scores }) => [jobId, scores?.metrics, scores?.confusion, scores?.categories]);

beforeAll(async () => {
  const spec = {
    ...{ apiVersion: 'bakeoff/v1', name: 'documents', items, models: [{ model: 'echo', matrix: { slip: [0, 4] } }] },
    ...{ samples: { perItem: 2, seed: 3 }, scorers: ['latency', 'labels', 'fields', 'overlap'], score: { rankBy: 'labels.macro-f1' } },
  };
  writeFileSync(join(work, 'documents.json'), JSON.stringify(spec));
  const end = await runCli(['run', join(work, 'documents.json'), '--dir', dir, '--json'], MODELS);
  expect(end.exitCode, end.stderr + end.stdout).toBe(0);
  runId = JSON.parse(end.stdout).runId;
  report = reportSchema.parse(JSON.parse(text('report.json')));
}, 240_000);

describe('a run scored by labels, fields and overlap', () => {
  it('counts nonsense as unparsed for those who read JSON, and in its own column of the matrix', () => {
    const [steady, slipping] = report.jobs.map(({ scores }) => scores!);

    const unparsed = Object.fromEntries(slipping!.metrics.map(({ name, unparsed: count }) => [name.split('.')[0], count]));
    expect(unparsed).toEqual({ overlap: 0, fields: 14, labels: 14 });
    expect(steady!.confusion?.labels).toEqual(['invoice', 'letter', 'receipt']);
    expect(steady!.confusion?.matrix?.map((row) => row.at(-1))).toEqual([0, 0, 0]);
    expect(slipping!.confusion?.matrix?.map((row) => row.at(-1)).reduce((sum, count) => sum! + count!, 0)).toBe(14);
    for (const scores of [steady!, slipping!]) expect(scores.confusion?.matrix?.flat().reduce((sum, count) => sum + count, 0)).toBe(60);
  });

  it('has values, standard errors, and half as many independent samples as repeats of the same answer', () => {
    for (const { scores } of report.jobs)
      for (const metric of scores!.metrics) {
        expect(metric.value, metric.name).not.toBeNull();
        expect([metric.n, metric.clusters].every((count) => count > 0)).toBe(true);
      }
    const accuracy = report.jobs[0]!.scores!.metrics.find(({ name }) => name === 'labels.accuracy')!;
    expect(accuracy.value).toBeCloseTo(25 / 30, 12);
    expect(accuracy.effectiveN! / accuracy.n).toBeCloseTo(58 / 2 / 59, 2);
  });

  it('ranks by macro F1 with its paired comparison, corrected as every place says', () => {
    expect(report.ranking).toMatchObject({ metric: 'labels.macro-f1', direction: 'higher' });
    expect(report.ranking.comparisons[0]?.interval?.method).toBe('bca-bootstrap');
    for (const file of ['index.html', 'report.md']) expect(text(file), file).toContain(report.ranking.correction);
  });

  it('shows the matrix in Markdown, and the signature of BLEU on the page', () => {
    expect(text('report.md')).toContain('| Truth | invoice | letter | receipt | unparsed | Precision | Recall | F1 |');
    expect(text('index.html')).toContain('nrefs:2|<wbr>case:mixed|<wbr>eff:no|<wbr>tok:13a|<wbr>smooth:exp');
  });

  it('is rescored to the same digits', async () => {
    const before = valuesOf(report);

    const end = await runCli(['rescore', runId, '--dir', dir, '--json'], MODELS);

    expect(end.exitCode, end.stderr).toBe(0);
    expect(JSON.parse(end.stdout).changed).toEqual([]);
    expect(valuesOf(reportSchema.parse(JSON.parse(text('report.json'))))).toEqual(before);
  });

  it('says on a terminal how comparisons are corrected', async () => {
    const end = await runCli(['show', runId, '--dir', dir], MODELS);

    expect(end.stdout.replace(/\s+/g, ' '), end.stderr).toContain('Bonferroni over 1 pair');
  });

  it.skipIf(!chromiumIsHere)('has a matrix that a browser shows whole, unparsed answers last', async () => {
    const browser = await launchChromium();
    try {
      const page = await browser.newPage({ viewport: { width: 390, height: 900 } });
      await page.goto(pathToFileURL(join(dir, keys.report(runId, 'index.html'))).href);
      const tables = page.locator('#labels table', { hasText: 'Confusion matrix' });

      expect(await tables.count()).toBe(2);
      expect(await tables.first().locator('thead th').allInnerTexts()).toEqual([
        expect.stringContaining('Truth'),
        'invoice',
        'letter',
        'receipt',
        'unparsed',
      ]);
      expect(await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth)).toBeLessThanOrEqual(0);
    } finally {
      await browser.close();
    }
  });
});
