/** The gates of a spec as the report step judges them, on runs that the real steps have planned, scored and reported. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { gateVerdictSchema } from '../../lib/core/gates/gate-verdict.ts';
import { keys } from '../../lib/core/object-key.ts';
import { type Report, reportSchema } from '../../lib/report/report-model.ts';
import { readJsonObject } from '../../lib/workflow/read-json-object.ts';
import { type ApiFixture, apiFixture, reportAgain, storeRun } from '../fixtures/api-fixture.ts';

const HOUR_MS = 3_600_000;
const spec = (gates: readonly object[] | undefined, changes: object = {}) =>
  JSON.stringify({
    apiVersion: 'bakeoff/v1',
    name: 'gated',
    items: Array.from({ length: 30 }, (_, index) => ({ id: `i${index}`, input: { row: { x: index } }, reference: { value: index } })),
    models: [{ model: 'ridge', matrix: { alpha: [0.1, 1] } }],
    load: { mode: 'closed', concurrency: 1, warmup: 0 },
    scorers: ['latency', 'numbers'],
    ...(gates === undefined ? {} : { gates }),
    ...changes,
  });
const REGRESSION = [{ metric: 'numbers.mae', maxRegression: 'significant' }];
const noise = (_ordinal: number, at: number): number => 0.5 + (at % 7) / 10;
const worse = (ordinal: number, at: number): number => noise(ordinal, at) + (ordinal === 0 ? 2 + (at % 3) : 0);

let fixture: ApiFixture;
beforeAll(async () => {
  fixture = await apiFixture();
});
afterAll(() => fixture.close());

const reportOf = (runId: string): Promise<Report> =>
  readJsonObject(fixture.stores.objects, keys.report(runId, 'report.json'), reportSchema);
const textOf = async (runId: string, name: string): Promise<string> =>
  Buffer.from((await fixture.stores.objects.get(keys.report(runId, name))) ?? []).toString('utf8');
const outcomes = ({ gates }: Report) => gates?.judgements.map(({ outcome }) => outcome.kind);
const baselines = ({ gates }: Report) => gates?.judgements.map(({ baseline }) => baseline?.runId ?? null);

/** As if it had been started so many hours later. */
async function later(runId: string, hours: number): Promise<void> {
  const run = (await fixture.stores.runs.getRun(runId))!;
  await fixture.stores.runs.replaceRun({ ...run, version: run.version + 1, createdAtMs: run.createdAtMs + hours * HOUR_MS });
}

/** Runs one after the other: the next begins when the last has its report, an hour later. */
let hours = 0;
async function ranAfter(runId: string, gates: readonly object[] | undefined, errorOf: typeof noise, changes: object = {}): Promise<void> {
  await storeRun(fixture, { runId, specText: spec(gates, changes), errorOf });
  hours += 1;
  await later(runId, hours);
  await reportAgain(fixture, runId);
}

describe('the report step', () => {
  it('judges the gates of the spec, and says so in every form of the report', async () => {
    await storeRun(fixture, {
      runId: 'bounds-1',
      specText: spec([
        { metric: 'numbers.mae', max: 1 },
        { metric: 'latency.p50.empirical', max: 5, model: 'ridge' },
      ]),
      errorOf: noise,
    });

    const report = await reportOf('bounds-1');

    expect(gateVerdictSchema.parse(report.gates)).toMatchObject({ runId: 'bounds-1', state: 'succeeded', outcome: 'failed' });
    expect(outcomes(report)).toEqual(['passed', 'passed', 'failed', 'failed']);
    expect(await textOf('bounds-1', 'report.md')).toContain('## Gates\n\nof 4 gates 2 failed');
    const page = await textOf('bounds-1', 'index.html');
    expect(page).toContain('<h2 id="gates-title">Gates</h2><p>Of 4 gates 2 failed.</p>');
    expect(page).toMatch(/<strong class="bad">failed<\/strong>: above 5/);
  });

  it('has nothing to say of gates where the spec has none', async () => {
    await storeRun(fixture, { runId: 'free-1', specText: spec(undefined), errorOf: noise });

    expect((await reportOf('free-1')).gates).toBeUndefined();
    expect(await textOf('free-1', 'report.md')).not.toContain('Gates');
    expect(await textOf('free-1', 'index.html')).not.toContain('gates');
  });

  it('fails a regression without a baseline, and finds one in the newest earlier run of the same name', async () => {
    await ranAfter('first-1', REGRESSION, noise, { name: 'chain' });
    await ranAfter('other-1', REGRESSION, noise, { name: 'other-chain' });
    await ranAfter('second-1', REGRESSION, noise, { name: 'chain' });
    await ranAfter('third-1', REGRESSION, worse, { name: 'chain' });

    expect(outcomes(await reportOf('first-1'))).toEqual(['failed', 'failed']);
    expect((await reportOf('first-1')).gates?.judgements[0]?.outcome.reason).toContain('no earlier run of chain');
    expect(outcomes(await reportOf('second-1'))).toEqual(['passed', 'passed']);
    const third = await reportOf('third-1');
    expect(baselines(third)).toEqual(['second-1', 'second-1']);
    expect(outcomes(third)).toEqual(['failed', 'passed']);
    expect(third.gates?.correction).toContain('Bonferroni over 2 tests');
  });

  it('judges again against the runs of its first verdict, whatever has come in between', async () => {
    await ranAfter('old-1', undefined, noise, { name: 'kept' });
    await ranAfter('judged-1', REGRESSION, noise, { name: 'kept' });
    await storeRun(fixture, { runId: 'between-1', specText: spec(undefined, { name: 'kept' }), errorOf: worse });
    await later('between-1', hours - 0.5);
    expect(baselines(await reportOf('judged-1'))).toEqual(['old-1', 'old-1']);

    await reportAgain(fixture, 'judged-1');

    expect(baselines(await reportOf('judged-1'))).toEqual(['old-1', 'old-1']);
    await fixture.stores.objects.remove(keys.report('judged-1', 'report.json'));
    await reportAgain(fixture, 'judged-1');
    expect(baselines(await reportOf('judged-1'))).toEqual(['between-1', 'between-1']);
  });

  it('judges again after a resume', async () => {
    await storeRun(fixture, { runId: 'again-1', specText: spec([{ metric: 'numbers.mae', max: 1 }]), errorOf: noise, lost: [1] });
    const before = await reportOf('again-1');
    const run = (await fixture.stores.runs.getRun('again-1'))!;
    await fixture.stores.runs.replaceRun({ ...run, version: run.version + 1, state: 'running', start: 2, finishedAtMs: null });

    await reportAgain(fixture, 'again-1', 2);

    expect(before.gates?.judgements.map(({ outcome }) => outcome.kind)).toEqual(['passed', 'unjudged']);
    expect(await reportOf('again-1')).toMatchObject({ run: { starts: 2 }, gates: { outcome: 'unjudged' } });
  });

  it('does not judge what a job that never ran might have measured, and fails a gate all the same', async () => {
    const lost = async (runId: string, max: number) => {
      await storeRun(fixture, { runId, specText: spec([{ metric: 'numbers.mae', max }]), errorOf: noise, lost: [1] });
      return reportOf(runId);
    };

    expect(await lost('lost-1', 1)).toMatchObject({ run: { state: 'incomplete' }, gates: { outcome: 'unjudged' } });
    expect(outcomes(await lost('lost-2', 0.1))).toEqual(['failed', 'unjudged']);
    expect((await reportOf('lost-2')).gates?.outcome).toBe('failed');
  });

  it('takes no run for its own baseline, and none that is not there', async () => {
    const named = (baseline: string) => [{ metric: 'numbers.mae', maxRegression: 1, baseline }];
    await storeRun(fixture, { runId: 'self-1', specText: spec(named('self-1')), errorOf: noise });
    await storeRun(fixture, { runId: 'lonely-1', specText: spec(named('nowhere')), errorOf: noise });

    const reasons = async (runId: string) => (await reportOf(runId)).gates?.judgements.map(({ outcome }) => outcome.reason);
    expect(await reasons('self-1')).toEqual(Array(2).fill('a run is no baseline of itself: name another one'));
    expect(await reasons('lonely-1')).toEqual(Array(2).fill('there is no run nowhere to compare with'));
  });

  it('is written, with the gate failed, where the rows of the baseline are torn', async () => {
    const [job] = await storeRun(fixture, { runId: 'torn-1', specText: spec(undefined), errorOf: noise });
    await fixture.stores.objects.put(keys.samplePart('torn-1', job?.jobId ?? '', 1, 2), '{"torn');

    await storeRun(fixture, {
      runId: 'whole-1',
      specText: spec([{ metric: 'numbers.mae', maxRegression: 'significant', baseline: 'torn-1' }]),
      errorOf: noise,
    });

    const report = await reportOf('whole-1');
    expect(outcomes(report)).toEqual(['failed', 'passed']);
    expect(report.gates?.judgements[0]?.outcome.reason).toMatch(/^the two runs cannot be compared: /);
  });

  it('names what makes a baseline stale', async () => {
    await storeRun(fixture, { runId: 'part-1', specText: spec(undefined, { samples: { seed: 7 } }), errorOf: noise, lost: [1] });

    await storeRun(fixture, {
      runId: 'fresh-1',
      specText: spec([{ metric: 'numbers.mae', maxRegression: 1, baseline: 'part-1' }]),
      errorOf: noise,
    });

    const { gates } = await reportOf('fresh-1');
    expect(gates?.baselines.map(({ runId }) => runId)).toEqual(['part-1']);
    expect(gates?.baselines[0]?.warnings.map(({ code }) => code)).toEqual(
      expect.arrayContaining(['baseline-not-whole', 'spec-differs', 'seed-differs']),
    );
  });
});
