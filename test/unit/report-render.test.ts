/** The report in every format: numbers as they are, texts of others without effect. */
import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { buildReport } from '../../lib/report/build-report.ts';
import { formatDuration, formatFixed, formatValue } from '../../lib/report/format-number.ts';
import { html, htmlText } from '../../lib/report/html/markup.ts';
import { renderHtml } from '../../lib/report/html/render-html.ts';
import { difference } from '../../lib/report/html/text-outputs.ts';
import { csvCell, renderCsv } from '../../lib/report/render-csv.ts';
import { renderJson } from '../../lib/report/render-json.ts';
import { inline } from '../../lib/report/markdown-text.ts';
import { renderMarkdown } from '../../lib/report/render-markdown.ts';
import { renderTerminal } from '../../lib/report/render-terminal.ts';
import { reportSchema } from '../../lib/report/report-model.ts';
import { HOSTILE_TEXTS, hostileReport } from '../fixtures/hostile-report.ts';
import { reportFixture } from '../fixtures/report-fixture.ts';

/** What of a long text matches: a failure prints only this. */
const matches = (text: string, pattern: RegExp): string[] => text.match(new RegExp(pattern, `${pattern.flags.replace('g', '')}g`)) ?? [];
const CONTROLS = /(?![\n])\p{Cc}|[\u202a-\u202e\u2066-\u2069]/u;

const built = (kind: 'video' | 'text' | 'numbers') => buildReport(reportFixture(kind));

describe('formats', () => {
  it('shows as many digits as the interval supports', () => {
    const interval = (low: number, high: number) => ({ low, high, confidence: 0.95, method: 'x' });
    expect(formatValue(0.79166, interval(0.709, 0.8667))).toBe('0.792');
    expect(formatValue(42.913, interval(37.6, 47.7))).toBe('42.9');
    expect(formatValue(-0.0181, interval(-0.126, 0.09))).toBe('−0.02');
    expect(formatValue(1_234_567.8, interval(1_234_000, 1_235_000))).toBe('1,234,568');
    expect(formatFixed(-12_345.678, 2)).toBe('−12,345.68');
    expect(formatFixed(-0.001, 2)).toBe('0.00');
    expect(formatValue(null)).toBe('—');
  });

  it('shows times in the unit that a reader wants', () => {
    expect([0.423, 38.13, 1240, 200_000, 7_500_000, null].map(formatDuration)).toEqual([
      '0.423 ms',
      '38.1 ms',
      '1.24 s',
      '3 min 20 s',
      '2 h 05 min',
      '—',
    ]);
  });
});

describe('renderJson', () => {
  it('round-trips through the schema', async () => {
    const report = await built('text');
    expect(reportSchema.parse(JSON.parse(renderJson(report)))).toEqual(report);
  });
});

describe('renderMarkdown', () => {
  it('matches the golden file', async () => {
    await expect(renderMarkdown(await built('numbers'))).toMatchFileSnapshot('../fixtures/report/numbers.golden.md');
  });

  it('makes no cell, tag, link or heading of foreign text', () => {
    expect(inline('a | b\n# <script>[x](http://y) www.z *k*')).toBe('a \\| b \\# &lt;script&gt;\\[x\\](http\\://y) www\\.z \\*k\\*');
    expect(['--- x', '1. x', '+ x', '12.6 ms'].map(inline)).toEqual(['\\--- x', '1\\. x', '\\+ x', '12.6 ms']);
  });

  it('keeps every table row on one line of equal cells', async () => {
    const lines = renderMarkdown(await hostileReport()).split('\n');
    const widths = lines.filter((line) => line.startsWith('|')).map((line) => line.split(/(?<!\\)\|/).length);
    expect(new Set(widths).size).toBeLessThanOrEqual(3);
    expect(lines.filter((line) => line.startsWith('# '))).toHaveLength(1);
  });
});

describe('renderCsv', () => {
  it('matches the golden file', async () => {
    await expect(renderCsv(await built('numbers'))).toMatchFileSnapshot('../fixtures/report/numbers.golden.csv');
  });

  it('turns text that a spreadsheet would run into text, and leaves numbers alone', () => {
    expect(csvCell('=1+1')).toBe(`"'=1+1"`);
    expect(['+x', '-x', '@x', ' =x'].map(csvCell)).toEqual([`"'+x"`, `"'-x"`, `"'@x"`, `"' =x"`]);
    expect(csvCell('a,"b"\nc')).toBe('"a,""b"" c"');
    expect(csvCell(-0.5)).toBe('-0.5');
    expect(csvCell(null)).toBe('');
  });
});

describe('renderTerminal', () => {
  it.each([30, 40, 60, 80, 120])('fits %i columns', async (columns) => {
    for (const kind of ['video', 'text', 'numbers'] as const) {
      const lines = renderTerminal(await built(kind), { columns, color: false }).split('\n');
      expect(Math.max(...lines.map((line) => [...line].length))).toBeLessThanOrEqual(columns);
    }
  });

  it('shows rank ranges, references apart and why a job has no rank, in 80 columns', async () => {
    const text = renderTerminal(await built('video'), { columns: 80, color: false });
    expect(text).toContain(' 1–3  pocket-t2v · steps 16  0.792  [0.709, 0.867]   741 ms   919 ms    94/96');
    expect(text.indexOf('references, never ranked')).toBeGreaterThan(text.indexOf('steps 1 '));
    expect(text).toContain('heavy-t2v: the server was not ready within 900 s');
  });

  it('keeps the end of a long label, which tells siblings apart', async () => {
    const text = renderTerminal(await built('numbers'), { columns: 60, color: false });
    expect(text).toMatch(/gradient.*….*Rate 0\.05/);
    expect(text).toMatch(/gradient.*….*Rate 0\.5 /);
  });

  it('lets no control sequence of foreign text through', async () => {
    const text = renderTerminal(await hostileReport(), { columns: 80, color: false });
    expect(matches(text, CONTROLS)).toEqual([]);
  });
});

describe('renderHtml', () => {
  it('escapes everything that is not markup already', () => {
    const text = htmlText(html`<p title="${'"><b>'}">${['<i>', html`<b>${'&'}</b>`, null, 3]}</p>`);
    expect(text).toBe('<p title="&#34;&#62;&#60;b&#62;">&#60;i&#62;<b>&#38;</b>3</p>');
  });

  it('has exactly one script, and a policy that names it and allows no other', async () => {
    const page = await renderHtml(await hostileReport());
    expect(page.match(/<script/g)).toHaveLength(1);
    expect(page.match(/<\/script/g)).toHaveLength(1);
    const script = page.split('<script>')[1]?.split('</script>')[0] ?? '';
    const digest = createHash('sha256').update(script).digest('base64');
    expect(page.includes(`content="default-src &#39;none&#39;; script-src &#39;sha256-${digest}&#39;; `)).toBe(true);
  });

  it('lets no foreign text become a tag or an attribute', async () => {
    const page = await renderHtml(await hostileReport());
    for (const tag of ['<img src=x', '<svg onload', '<h1>owned', ' onerror="document', "' onmouseover='"])
      expect(page.includes(tag)).toBe(false);
    expect(matches(page, CONTROLS)).toEqual([]);
    expect(page.includes('⟨U+202E⟩gnp.exe')).toBe(true);
  });

  it('names no address outside the file', async () => {
    for (const kind of ['video', 'text', 'numbers'] as const) {
      const page = (await renderHtml(await built(kind))).replaceAll(/data:[^"]*/g, '').replaceAll(/xmlns(:xlink)?="[^"]*"/g, '');
      expect(matches(page, /https?:|(?<!\s)\/\/[a-z]|url\(|@import/)).toEqual([]);
    }
  });

  it('never shows zero for a missing value: an em dash with its reason', async () => {
    const page = await renderHtml(await built('video'));
    const row = page.slice(page.indexOf('heavy-t2v</bdi></th>')).split('</tr>')[0]!;
    expect(row.match(/—/g)!.length).toBeGreaterThanOrEqual(6);
    expect(row).not.toMatch(/>0(\.0+)?</);
    expect(page.includes('the server was not ready within 900 s')).toBe(true);
  });

  it('strikes out what an answer lacks and underlines what it adds', () => {
    expect(htmlText(difference('März', 'Marzi'))).toBe('M<del>ä</del><ins>a</ins>rz<ins>i</ins>');
    expect(htmlText(difference('x'.repeat(3000), 'y'.repeat(3000)))).toBe('y'.repeat(3000));
  });

  it('is the same text for the same report', async () => {
    const report = await built('video');
    const first = await renderHtml(report);
    const second = await renderHtml(report);
    expect(first === second).toBe(true);
  });

  it('renders a run of which nothing came', async () => {
    const input = reportFixture('video');
    const entries = input.scores.ranking.entries.map((entry) => ({
      ...entry,
      value: null,
      interval: null,
      rank: null,
      rankRange: null,
      reason: 'nothing ran',
    }));
    const scores = {
      ...input.scores,
      jobs: [],
      pareto: { ...input.scores.pareto, points: [] },
      ranking: { ...input.scores.ranking, entries },
    };
    const records = input.records.map((record) => ({ ...record, tasks: [], stages: [], state: 'cancelled' as const }));
    const report = await buildReport({
      ...input,
      scores,
      records,
      examples: [],
      run: { ...input.run, state: 'cancelled', finishedAtMs: null },
    });
    const page = await renderHtml(report);
    expect(page.includes('No job could be ranked')).toBe(true);
    expect(matches(page.split('<script>')[0] ?? '', /NaN|undefined|Infinity/)).toEqual([]);
    const texts = renderMarkdown(report) + renderCsv(report) + renderTerminal(report, { columns: 80, color: true });
    expect(matches(texts, /NaN|undefined|Infinity/)).toEqual([]);
  });
});

/** The text fixture as if its load had been offline. */
async function offlineReport() {
  const input = reportFixture('text');
  const load = { mode: 'offline', maxInFlight: 4, warmup: 2 } as const;
  const scored = input.scores.jobs.map((scores) => {
    const latency = scores.latency === null ? null : { ...scores.latency, n: 0, mean: null, percentiles: [] };
    return { ...scores, latency };
  });
  return buildReport({ ...input, jobs: input.jobs.map((job) => ({ ...job, load })), scores: { ...input.scores, jobs: scored } });
}

describe('latency', () => {
  it('stands on the page with empirical and certified percentiles, throughput and what was left out', async () => {
    const page = await renderHtml(await built('text'));
    const section = page.slice(page.indexOf('<section id="latency"'));
    for (const text of ['p50', 'p90', 'p99', 'Throughput', 'Retried', 'sorted[floor(n × p)]'])
      expect(section.includes(text), text).toBe(true);
  });

  it('of offline load is a throughput with its unit, in every format, and no percentile', async () => {
    const report = await offlineReport();
    const throughput = report.jobs[0]?.scores?.latency?.throughputSamplesPerSecond ?? Number.NaN;
    const shown = formatValue(throughput);
    const terminal = renderTerminal(report, { columns: 100, color: false });
    const markdown = renderMarkdown(report);
    const page = await renderHtml(report);
    for (const text of [terminal, markdown, page]) {
      expect(text.includes(shown)).toBe(true);
      expect(text).toMatch(/samples\/s/i);
    }
    expect(matches(terminal + markdown, /p50|p90/)).toEqual([]);
    expect(page.includes('Offline load reports throughput, no percentiles')).toBe(true);
    expect(report.warnings.map(({ code }) => code)).not.toContain('few-samples');
  });
});

it('has hostile texts to render', () => {
  expect(HOSTILE_TEXTS.length).toBeGreaterThan(8);
});
