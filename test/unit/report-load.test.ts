/** What a report says of loads: schedule, goodput, streams, and what a reader must know of them. */
import { describe, expect, it } from 'vitest';
import type { LatencyScore } from '../../lib/core/scores.ts';
import { buildReport } from '../../lib/report/build-report.ts';
import { renderHtml } from '../../lib/report/html/render-html.ts';
import { loadText } from '../../lib/report/load-text.ts';
import { earlyStops } from '../../lib/report/metric-lookup.ts';
import { renderCsv } from '../../lib/report/render-csv.ts';
import { renderMarkdown } from '../../lib/report/render-markdown.ts';
import { renderTerminal } from '../../lib/report/render-terminal.ts';
import { reportSchema } from '../../lib/report/report-model.ts';
import { reportFixture } from '../fixtures/report-fixture.ts';
import { loadFixture } from '../fixtures/report-load.ts';

const open = await buildReport(loadFixture());
const closed = await buildReport(loadFixture('closed'));
const plain = await buildReport(reportFixture('text'));
const codes = (report: typeof open) => new Map(report.warnings.map(({ code, jobIds }) => [code, jobIds.length]));
const textOf = (page: string) =>
  page
    .replace(/<style>[\s\S]*?<\/style>/g, '')
    .replace(/<[^>]*>/g, ' ')
    .replace(/&#(\d+);/g, (_, code) => String.fromCharCode(Number(code)))
    .replace(/\s+/g, ' ');

describe('a report of loads', () => {
  it('is one that its schema knows', () => {
    for (const report of [open, closed]) expect(reportSchema.parse(report)).toEqual(report);
  });

  it('says each load in words', () => {
    expect(loadText(open.jobs[0]!)).toBe('poisson, 20/s offered, 512 sent, ramp 5.00 s');
    expect(loadText(open.jobs[2]!)).toBe('poisson, 20/s offered, 341 of 512 sent, ramp 5.00 s');
    expect(loadText(open.jobs[6]!)).toBe('poisson, 20/s offered, 512 planned, ramp 5.00 s');
    expect(loadText(closed.jobs[0]!)).toBe('closed, 8 in flight, for 5 min 00 s, ramp 10.0 s');
    expect(loadText(plain.jobs[0]!)).toBe('closed, 1 in flight');
  });

  it('warns of what limits its figures, and of nothing else', () => {
    expect(Object.fromEntries(codes(open))).toMatchObject({
      ...{ 'schedule-not-kept': 1, 'held-back': 1, saturated: 1, 'not-streamed': 1, 'pieces-as-tokens': 2 },
    });
    expect([...codes(open).keys()]).not.toContain('ended-by-duration');
    expect([...codes(closed).keys()]).toContain('ended-by-duration');
    expect([...codes(closed).keys()]).not.toContain('schedule-not-kept');
    expect([...codes(plain).keys()].filter((code) => /schedule|held|saturated|stream|pieces|duration/.test(code))).toEqual([]);
  });

  it('says in the report and on a terminal that answers of a further try are in no latency', async () => {
    const retried = () => {
      const input = loadFixture('closed');
      const latencyOf = (latency: LatencyScore | null, at: number) =>
        latency === null || at > 0 ? latency : { ...latency, leftOutRetried: 34 };
      const jobs = input.scores.jobs.map((job, at) => ({ ...job, latency: latencyOf(job.latency, at) }));
      return buildReport({ ...input, scores: { ...input.scores, jobs } });
    };
    const report = await retried();

    expect(report.warnings.find(({ code }) => code === 'retried-left-out')?.jobIds).toEqual([report.jobs[0]!.jobId]);
    const text = renderTerminal(report, { columns: 80, color: false });
    expect(text.replace(/\s+/g, ' ')).toContain('34 answers took another try; latencies and goodput leave them out');
    expect([...codes(closed).keys()]).not.toContain('retried-left-out');
    expect(renderTerminal(closed, { columns: 80, color: false })).not.toContain('another try');
  });

  it('says what the figures of a job with samples that have no end leave out', async () => {
    const input = loadFixture('closed');
    const jobs = input.scores.jobs.map((job, at) => (at === 1 ? { ...job, missing: 3 } : job));
    const { warnings } = await buildReport({ ...input, scores: { ...input.scores, jobs } });

    expect(warnings.find(({ code }) => code === 'without-an-end')?.jobIds).toEqual([jobs[1]!.jobId]);
    expect([...codes(closed).keys()]).not.toContain('without-an-end');
  });

  it('tells a stop by saturation among the failures, and an end by duration not', () => {
    expect(open.jobs.flatMap(earlyStops).map(({ code }) => code)).toEqual(['saturated']);
    expect(closed.jobs.flatMap(earlyStops)).toEqual([]);
  });

  it('shows schedules, objectives and streams on the page, each with its reasons', async () => {
    const text = textOf(await renderHtml(open));

    for (const part of [
      ...['kept', 'not kept: p99 of sent - scheduled is 7.31 ms, above 2.36 ms', '341 of 512'],
      ...[
        'Samples with latency ≤ 2.00 s, first piece ≤ 300 ms',
        '96.8 % [92.9 %, 98.7 %]',
        'By job; poisson, 20/s offered, 512 planned, ramp 5.00 s',
      ],
      ...[
        '51,611, tokens as the server reports',
        '51,611, pieces counted as tokens',
        'logarithmic histogram, relative error at most 0.1 %',
      ],
      ...['12,004 gaps were not recorded', 'Drawn from the seed schedule/42', 'Latency runs from the time at which the schedule wanted'],
    ])
      expect(text).toContain(part);
  });

  it('gives the reason for an absent share once, and its rate beside it', async () => {
    const page = await renderHtml(open);
    const goodput = textOf(page.slice(page.indexOf('<h3>Goodput</h3>'), page.indexOf('<h3>Streaming</h3>')));

    expect(goodput.split('171 of 512 arrivals').length - 1).toBe(1);
    expect(goodput).toMatch(/127 of 409 — ?\S* 6\.23/);
    expect(textOf(page)).toMatch(/Sent by the schedule/);
  });

  it('has no table of what no load asked for', async () => {
    const text = textOf(await renderHtml(plain));

    for (const part of ['Schedule', 'Goodput', 'Streaming', 'TTFT']) expect(text).not.toContain(part);
    expect(renderMarkdown(plain)).not.toContain('## Load');
  });

  it('has the same in Markdown and as columns of the table of jobs', () => {
    const markdown = renderMarkdown(open);
    const [head = '', ...rows] = renderCsv(open).trim().split('\r\n');
    const at = head.split(',').indexOf('tokens_from');

    expect(markdown).toContain('## Load');
    expect(markdown).toMatch(
      /not kept: 171 of 512 arrivals were not sent at their time or have no end; maxInFlight \(64\) held 57 requests back/,
    );
    expect(rows.filter((row) => /,server,/.test(row))).toHaveLength(4);
    expect(at).toBeGreaterThan(0);
  });

  it.each([40, 60, 80, 120])('fits a terminal of %i columns and says what schedule was not kept', (columns) => {
    const text = renderTerminal(open, { columns, color: false });

    expect(Math.max(...text.split('\n').map((line) => [...line].length))).toBeLessThanOrEqual(columns);
    expect(text.replace(/\s+/g, ' ')).toContain('schedule not kept: p99 of sent - scheduled is 7.31 ms');
    if (columns >= 80) expect(text).toMatch(/goodput/);
  });
});
