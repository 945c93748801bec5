/** What the report says of cost: on a cluster both for each job and for the run, on one machine nothing. */
import { describe, expect, it } from 'vitest';
import type { JobRecord, TaskFacts } from '../../lib/core/job.ts';
import { taskFactsOf } from '../../lib/workflow/task-facts.ts';
import { buildReport } from '../../lib/report/build-report.ts';
import { formatUsd } from '../../lib/report/format-number.ts';
import { renderHtml } from '../../lib/report/html/render-html.ts';
import { renderMarkdown } from '../../lib/report/render-markdown.ts';
import { reportSchema } from '../../lib/report/report-model.ts';
import { reportFixture } from '../fixtures/report-fixture.ts';

const fixture = reportFixture('video');
const at = (time: string): number => Date.parse(`2026-11-20T${time}Z`);

/** Times of a task as ECS tells them: it waited for its machine until 10:04:30, and held it for twenty minutes. */
function taskOf(stage: string, usdPerHour: number | null): TaskFacts {
  const facts = taskFactsOf(
    {
      ...{ kind: 'task', taskId: 'arn:aws:ecs:us-east-1:111122223333:task/c/1', stage, attempt: 1, isStopped: true },
      containerInstance: 'arn:aws:ecs:us-east-1:111122223333:container-instance/c/1',
      ...{ createdAtMs: at('10:00:00'), pullStartedAtMs: at('10:04:30'), pullStoppedAtMs: at('10:05:30') },
      ...{ startedAtMs: at('10:05:31'), stoppedAtMs: at('10:24:30'), driverExitCode: 0, error: null },
      server: { exitCode: 143, signal: 'SIGTERM', reason: null },
    },
    {
      notes: null,
      placed: { name: 'g6-xlarge', instanceType: 'g6.xlarge', market: 'spot', capacityProvider: null, usdPerHour, priceDate: '2026-11-20' },
      instanceId: 'i-0abc0abc0abc0abc0',
    },
  );
  if (facts === null) throw new Error('the task is no evidence');
  return facts;
}

/** Every job had one task; every job's videos are two minutes long together, unless `videoMs` says otherwise. */
function reportWith(usdPerHour: number | null, videoMs: number | undefined = 120_000) {
  const records = fixture.records.map((record): JobRecord => ({ ...record, tasks: [taskOf('infer', usdPerHour)] }));
  const jobs = fixture.scores.jobs.map((scores) => ({ ...scores, ...(videoMs === undefined ? {} : { videoMs }) }));
  return buildReport({ ...fixture, records, scores: { ...fixture.scores, jobs } });
}

describe('a report of a run on a cluster', () => {
  it('tells the cost of every job and of the run, by sample and by minute of video', async () => {
    const report = await reportWith(0.6);
    const count = report.jobs.length;
    const succeeded = report.jobs[0]?.scores?.succeeded ?? 0;

    expect(reportSchema.parse(report)).toEqual(report);
    expect(report.jobs[0]?.cost).toMatchObject({
      ...{ seconds: 1200, usd: expect.closeTo(0.2, 10), reason: null },
      ...{ perSampleUsd: expect.closeTo(0.2 / succeeded, 10), perVideoMinuteUsd: expect.closeTo(0.1, 10) },
    });
    expect(report.cost?.run).toMatchObject({ usd: expect.closeTo(0.2 * count, 10), perVideoMinuteUsd: expect.closeTo(0.1, 10) });
    expect(report.cost?.classes).toEqual([
      { className: 'g6-xlarge', instanceType: 'g6.xlarge', market: 'spot', usdPerHour: 0.6, priceDate: '2026-11-20' },
    ]);
  });

  it('shows it in the page and in Markdown, with the price and its date', async () => {
    const report = await reportWith(0.6);
    const [page, text] = [await renderHtml(report), renderMarkdown(report)];
    expect(page).toContain('Cost of the tasks');
    expect(text).toContain('## Cost');
    for (const shown of [page, text]) {
      expect(shown).toContain('$0.200');
      expect(shown).toContain('price sheet of 2026');
    }
  });

  it('has no dollars without a price, and gives the reason', async () => {
    const report = await reportWith(null);
    expect(report.cost?.run).toMatchObject({
      usd: null,
      perSampleUsd: null,
      reason: expect.stringContaining('no spot price of g6.xlarge'),
    });
    expect(await renderHtml(report)).toContain('no spot price of g6.xlarge');
  });

  it('has no price of a minute where the length of a video is not known', async () => {
    const records = fixture.records.map((record): JobRecord => ({ ...record, tasks: [taskOf('infer', 0.6)] }));
    const report = await buildReport({ ...fixture, records });
    expect(report.cost?.run).toMatchObject({ perVideoMinuteUsd: null, perVideoMinuteReason: 'there is no video of known duration' });
  });
});

describe('a report of a run on one machine', () => {
  it('says nothing of cost', async () => {
    const report = await buildReport(fixture);
    expect(report).not.toHaveProperty('cost');
    expect(report.jobs.some((job) => 'cost' in job)).toBe(false);
    expect(renderMarkdown(report)).not.toContain('## Cost');
    expect(await renderHtml(report)).not.toContain('Cost of the tasks');
  });
});

describe('dollars', () => {
  it.each([
    [null, '—'],
    [0, '$0'],
    [12.345, '$12.35'],
    [1, '$1.00'],
    [0.2, '$0.200'],
    [0.0123456, '$0.0123'],
    [0.00000123456, '$0.00000123'],
  ])('%s read %s', (usd, text) => {
    expect(formatUsd(usd)).toBe(text);
  });
});
