/** The audit in the report: its table, its warnings, and the devices of jobs beside one another. */
import { describe, expect, it } from 'vitest';
import type { AuditScore } from '../../lib/core/scores.ts';
import { buildReport, type ReportInput } from '../../lib/report/build-report.ts';
import { renderHtml } from '../../lib/report/html/render-html.ts';
import { renderMarkdown } from '../../lib/report/render-markdown.ts';
import { reportFixture } from '../fixtures/report-fixture.ts';

const cached: AuditScore = {
  resent: 16,
  caching: {
    ...{ verdict: 'failed', reason: 'a repeated sample is answered more than 10 % faster', n: 16, ratio: 0.31 },
    interval: { low: 0.28, high: 0.345, confidence: 0.95, method: 'bca-bootstrap' },
  },
  determinism: { verdict: 'differs', reason: '2 of 16 answers differ under the same seed', n: 16, same: 14, differingSampleId: 'item-3.0' },
};
const open: AuditScore = {
  resent: 4,
  caching: { verdict: 'inconclusive', reason: 'needs 10 samples with both latencies, has 4', n: 4, ratio: null, interval: null },
  determinism: { verdict: 'same', reason: null, n: 4, same: 4, differingSampleId: null },
};

/** The first job was found out, the second one not judged, the others have no audit. */
function withAudits(input: ReportInput): ReportInput {
  const jobs = input.scores.jobs.map((job, at) => (at === 0 ? { ...job, audit: cached } : at === 1 ? { ...job, audit: open } : job));
  return { ...input, scores: { ...input.scores, jobs } };
}

describe('a report with audits', () => {
  it('has a table of them, and warns of what was found', async () => {
    const report = await buildReport(withAudits(reportFixture('numbers')));
    const [first] = report.jobs;
    expect(report.warnings.filter(({ code }) => code.startsWith('answers-'))).toEqual([
      { code: 'answers-from-cache', text: expect.stringContaining('10 % faster'), jobIds: [first!.jobId] },
      { code: 'answers-differ', text: expect.stringContaining('same seed'), jobIds: [first!.jobId] },
    ]);
    const markdown = renderMarkdown(report);
    expect(markdown).toContain('| 16 | from a cache: 0.31 times as long \\[0.28, 0.34\\] | different: 14 of 16 alike, not item-3.0 |');
    expect(markdown).toContain('| 4 | open (needs 10 samples with both latencies, has 4) | same: 4 of 4 alike |');
    const page = await renderHtml(report);
    expect(page).toContain('<h2 id="audit-title">Audit</h2>');
    expect(page.match(/times as long/g)).toHaveLength(1);
  });

  it('says nothing of an audit where there was none', async () => {
    const report = await buildReport(reportFixture('numbers'));
    expect(renderMarkdown(report)).not.toContain('Audit');
    expect(await renderHtml(report)).not.toContain('audit-title');
    expect(report.warnings.map(({ code }) => code)).not.toContain('answers-differ');
  });
});

describe('devices of a run', () => {
  const run = (devices: readonly string[]) => {
    const input = reportFixture('numbers');
    return buildReport({ ...input, devices: new Map(input.jobs.map(({ jobId }, at) => [jobId, devices[at % devices.length] ?? ''])) });
  };

  it('are named where they differ', async () => {
    const { warnings } = await run(['NVIDIA L4 (cuda); torch 2.7.0', 'NVIDIA L40S (cuda); torch 2.7.0']);
    expect(warnings.find(({ code }) => code === 'different-devices')?.text).toContain('NVIDIA L4; NVIDIA L40S');
  });

  it('without a name differ from those of another kind alone', async () => {
    const same = await run(['EPYC (cpu, cpus 2); numpy 2.4.6', 'cpu, cpus 2; onnxruntime 1.20.1', 'cpu (cpu)']);
    const other = await run(['NVIDIA L4 (cuda); torch 2.7.0', 'cpu, cpus 2; onnxruntime 1.20.1']);
    expect(same.warnings.map(({ code }) => code)).not.toContain('different-devices');
    expect(other.warnings.find(({ code }) => code === 'different-devices')?.text).toContain('NVIDIA L4; cpu');
  });

  it('are the same with other cores and libraries', async () => {
    const { warnings } = await run(['EPYC (cpu, cpus 1); numpy 1.26.4', 'EPYC (cpu, cpus 2); numpy 2.4.6']);
    expect(warnings.map(({ code }) => code)).not.toContain('different-devices');
  });
});
