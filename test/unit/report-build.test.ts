/** What goes into a report: its schema, sentences, warnings, examples and times. */
import { describe, expect, it } from 'vitest';
import type { TaskFacts } from '../../lib/core/job.ts';
import { buildReport } from '../../lib/report/build-report.ts';
import { hrefFromReport } from '../../lib/report/build-examples.ts';
import { createExampleChooser } from '../../lib/report/choose-examples.ts';
import { jobLabels } from '../../lib/report/job-labels.ts';
import { renderTerminal } from '../../lib/report/render-terminal.ts';
import { reportSchema } from '../../lib/report/report-model.ts';
import { jobTime } from '../../lib/report/time-accounting.ts';
import { reportFixture } from '../fixtures/report-fixture.ts';

describe('buildReport', () => {
  it.each(['video', 'text', 'numbers'] as const)('yields a report of schema 1 for %s', async (kind) => {
    const report = await buildReport(reportFixture(kind));
    expect(reportSchema.parse(JSON.parse(JSON.stringify(report)))).toEqual(report);
  });

  it('says who leads, within which ranks, and from whom it is not separable', async () => {
    const { verdict } = await buildReport(reportFixture('video'));
    expect(verdict.headline).toBe(
      'pocket-t2v · steps 16 ranks 1 to 3 of 5 by All attributes correct, 0.792 [0.709, 0.867]; not separable from steps 8 and steps 4.',
    );
    expect(verdict.details).toEqual([
      'Separably last: steps 1.',
      'Not ranked: heavy-t2v; the job has no samples.',
      'The run is incomplete: 1 of 7 jobs did not finish with every sample.',
    ]);
  });

  it.each([
    [[1, 1], 'separably better than all 4 other ranked jobs'],
    [[1, 3], 'its place is not certain: values and comparisons cover different samples'],
  ] as const)('with nobody close and the rank range %j says: %s', async (rankRange, claim) => {
    const input = reportFixture('video');
    const entries = input.scores.ranking.entries.map((entry) => ({
      ...entry,
      notSeparableFrom: [],
      rankRange: entry.rank === 1 ? ([...rankRange] as [number, number]) : entry.rankRange,
    }));
    const { verdict } = await buildReport({ ...input, scores: { ...input.scores, ranking: { ...input.scores.ranking, entries } } });
    expect(verdict.headline).toContain(claim);
  });

  it('says that nothing could be ranked when no job has a rank', async () => {
    const input = reportFixture('video');
    const entries = input.scores.ranking.entries.map((entry) => ({ ...entry, rank: null, rankRange: null, value: null }));
    const { verdict } = await buildReport({ ...input, scores: { ...input.scores, ranking: { ...input.scores.ranking, entries } } });
    expect(verdict.headline).toBe('No job could be ranked by All attributes correct.');
  });

  it('warns of contention, of unparsed answers and of what `process` does not isolate', async () => {
    const input = reportFixture('text');
    const jobs = input.scores.jobs.map((scores) => ({
      ...scores,
      latency: scores.latency === null ? null : { ...scores.latency, contended: true },
    }));
    const { warnings } = await buildReport({ ...input, scores: { ...input.scores, jobs } });
    expect(warnings.map(({ code }) => code)).toEqual(['job-not-succeeded', 'contended', 'unparsed', 'process-environment']);
  });

  it('says of answers that are no number that they have no error, not that they count as wrong', async () => {
    const input = reportFixture('numbers');
    const jobs = input.scores.jobs.map((scores) => ({ ...scores, metrics: scores.metrics.map((metric) => ({ ...metric, unparsed: 2 })) }));
    const { warnings } = await buildReport({ ...input, scores: { ...input.scores, jobs } });
    expect(warnings.map(({ code }) => code).filter((code) => code.startsWith('unparsed'))).toEqual(['unparsed-numbers']);
  });

  it('embeds small media and links what is too large for the page', async () => {
    const input = reportFixture('video');
    const large = new Uint8Array(256 * 1024 + 1);
    const small = await buildReport(input);
    const linked = await buildReport({ ...input, readMedia: async () => large });
    const sourceOf = (report: typeof small) => {
      const output = report.examples[0]!.outputs[0]!;
      return output.state === 'succeeded' ? output.media[0]!.source : null;
    };
    expect(sourceOf(small)).toMatchObject({ kind: 'embedded', dataUrl: expect.stringMatching(/^data:video\/webm;base64,/) });
    expect(sourceOf(linked)).toEqual({ kind: 'linked', href: '../jobs/pocket-t2v-3fa1c0de/outputs/1/clip-noise.webm' });
  });

  it('never embeds or shows a file of a type that could run something', async () => {
    const input = reportFixture('video');
    const examples = input.examples.map((example) => ({
      ...example,
      outputs: example.outputs.map((output) => {
        if (output.row?.state !== 'succeeded') return output;
        const files = output.row.output.files!.map((file) => ({ ...file, contentType: 'image/svg+xml' }));
        return { ...output, row: { ...output.row, output: { files } } };
      }),
    }));
    const report = await buildReport({ ...input, examples });
    const outputs = report.examples.flatMap((example) => example.outputs).filter((output) => output.state === 'succeeded');
    expect(outputs.flatMap((output) => output.media)).toEqual([]);
    expect(outputs.every((output) => output.otherFiles.length === 1)).toBe(true);
  });

  it('clips long texts and says how much it left out', async () => {
    const input = reportFixture('text');
    const examples = input.examples.map((example) => ({
      ...example,
      outputs: example.outputs.map((output) =>
        output.row?.state === 'succeeded' ? { ...output, row: { ...output.row, output: { text: 'é'.repeat(10_000) } } } : output,
      ),
    }));
    const report = await buildReport({ ...input, examples });
    const output = report.examples[0]!.outputs[0]!;
    expect(output.state === 'succeeded' ? output.text : null).toEqual({ text: 'é'.repeat(4000), leftOutCharacters: 6000 });
  });
});

describe('hrefFromReport', () => {
  it('leads from the report folder to the run and to the cache, with every segment escaped', () => {
    expect(hrefFromReport('runs/r1/jobs/j/outputs/1/a#b.webm', 'r1')).toBe('../jobs/j/outputs/1/a%23b.webm');
    expect(hrefFromReport('cache/sha256/ff', 'r1')).toBe('../../../cache/sha256/ff');
  });
});

describe('jobLabels', () => {
  it('reads the params of each job a few times, however many siblings it has', () => {
    let reads = 0;
    const [known] = reportFixture('video').jobs;
    const get = (params: Record<string, unknown>, name: string): unknown => {
      reads += 1;
      return params[name];
    };
    const jobs = Array.from({ length: 500 }, (_, n) => ({
      ...known!,
      jobId: `job-${n}`,
      params: new Proxy<Record<string, unknown>>({ steps: n }, { get }),
    }));
    expect(new Set(jobLabels(jobs).values()).size).toBe(500);
    expect(reads).toBeLessThan(500 * 10);
  });

  it('names the params in which siblings differ, and nothing else', () => {
    expect([...jobLabels(reportFixture('video').jobs).values()]).toEqual([
      'pocket-t2v · steps 1',
      'pocket-t2v · steps 2',
      'pocket-t2v · steps 4',
      'pocket-t2v · steps 8',
      'pocket-t2v · steps 16',
      'oracle-t2v',
      'heavy-t2v',
    ]);
  });

  it('falls back to the hash of the id when params cannot tell jobs apart', () => {
    const [job] = reportFixture('video').jobs;
    const twins = [job!, { ...job!, jobId: 'pocket-t2v-00000001' }];
    expect([...jobLabels(twins).values()]).toEqual(['pocket-t2v · 3fa1c0de', 'pocket-t2v · 00000001']);
  });
});

describe('jobTime', () => {
  const task = (startedAtMs: number, endedAtMs: number, phasesMs: Record<string, number>): TaskFacts => ({
    ...reportFixture('video').records[0]!.tasks[0]!,
    startedAtMs,
    endedAtMs,
    phasesMs,
  });

  it('partitions the wall time: phases, what they leave over, and the time between tasks', () => {
    const time = jobTime([task(0, 100, { load: 30, infer: 60 }), task(150, 250, { load: 40, infer: 60 })]);
    expect(time).toEqual({
      wallMs: 250,
      tasks: 2,
      phases: [
        { phase: 'between tasks', ms: 50 },
        { phase: 'load', ms: 70 },
        { phase: 'infer', ms: 120 },
        { phase: 'unnamed', ms: 10 },
      ],
    });
  });

  it('has no wall time without a task', () => {
    expect(jobTime([])).toEqual({ wallMs: null, phases: [], tasks: 0 });
  });
});

describe('createExampleChooser', () => {
  it('takes the first issued items and those of greatest disagreement, in whatever order they are offered', () => {
    const chooser = createExampleChooser({ firstIssued: 2, mostDisagreement: 2 });
    for (const [position, disagreement] of [
      [5, 0.9],
      [0, 1],
      [3, 0.2],
      [1, null],
      [4, 0.5],
      [2, 0],
    ] as const)
      chooser.offer(`it-${position}`, position, disagreement);
    expect(chooser.chosen()).toEqual([
      { itemId: 'it-0', chosen: 'first-issued' },
      { itemId: 'it-1', chosen: 'first-issued' },
      { itemId: 'it-5', chosen: 'most-disagreement' },
      { itemId: 'it-4', chosen: 'most-disagreement' },
    ]);
  });
});

describe('a run in which nothing has a direction', () => {
  it('says that nothing is ranked, and why', async () => {
    const input = reportFixture('video');
    const ranking = { ...input.scores.ranking, metric: 'none', formula: 'nothing that was measured has a direction', entries: [] };
    const report = await buildReport({ ...input, scores: { ...input.scores, ranking } });
    expect(report.verdict.headline).toBe('Nothing is ranked: nothing that was measured has a direction.');
    expect(renderTerminal(report, { columns: 80, color: false })).toContain('shapes-steps: not ranked');
  });
});
