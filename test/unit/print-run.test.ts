/** How a run is printed when it is over, or broken off. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { printRun, readReport, runDocument } from '../../lib/cli/print-run.ts';
import { type LocalStores, openLocalStores } from '../../lib/compose/local.ts';
import { thisOwner } from '../../lib/compose/run-owner.ts';
import { keys } from '../../lib/core/object-key.ts';
import { buildReport } from '../../lib/report/build-report.ts';
import type { Report } from '../../lib/report/report-model.ts';
import { readSettings } from '../../lib/settings.ts';
import { reportFixture } from '../fixtures/report-fixture.ts';
import { runRecord } from '../fixtures/run-records.ts';

let dir = '';
let stores: LocalStores;
let report: Report;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'bakeoff-print-'));
  stores = openLocalStores(dir);
  report = await buildReport(reportFixture('numbers'));
});
afterEach(async () => {
  stores.close();
  await rm(dir, { recursive: true, force: true });
});

const ended = runRecord({ runId: 'numbers-1', state: 'succeeded' });

async function printed({ isStdoutTty = false, environment = {}, run = ended, shown = report as Report | null } = {}) {
  const out: string[] = [];
  const err: string[] = [];
  const sinks = { stdout: { write: (text: string) => out.push(text) }, stderr: { write: (text: string) => err.push(text) } };
  const io = { ...sinks, settings: readSettings(environment), root: dir, cwd: dir, isTty: true, isStdoutTty, columns: 80 };
  await printRun(run, shown, stores, io);
  return { stdout: out.join(''), stderr: err.join('') };
}

const ESCAPE = String.fromCharCode(27);

describe('a run that is over', () => {
  it('ends with the path of its report', async () => {
    const { stdout } = await printed();

    expect(stdout).toMatch(/\n\nreport: .*\/runs\/numbers-1\/report\/index\.html\n$/);
    expect(stdout).not.toContain('\n\n\n');
  });

  it('is coloured on a terminal, and neither in a pipe nor with NO_COLOR', async () => {
    expect((await printed({ isStdoutTty: true })).stdout).toContain(ESCAPE);
    expect((await printed()).stdout).not.toContain(ESCAPE);
    expect((await printed({ isStdoutTty: true, environment: { NO_COLOR: '1' } })).stdout).not.toContain(ESCAPE);
  });

  it('tells why it failed, with control characters made visible', async () => {
    const failure = { class: 'infra' as const, code: 'disk-full', message: `no room${ESCAPE}[2J` };

    const { stdout, stderr } = await printed({ run: runRecord({ state: 'failed', failure }), shown: null });

    expect(stdout).toBe('');
    expect(stderr).toContain('run demo-1 failed: disk-full: no room');
    expect(stderr).not.toContain(ESCAPE);
  });
});

describe('the document of a run', () => {
  it('names the run, its jobs, its leaderboard and its report', async () => {
    const document = await runDocument(ended, report, stores);

    expect(document).toMatchObject({ runId: 'numbers-1', state: 'succeeded', dir, leaderboard: { metric: report.ranking.metric } });
    expect(document.jobs.map(({ jobId }) => jobId)).toEqual(report.jobs.map(({ jobId }) => jobId));
    expect(document.jobs[0]?.samples.planned).toBe(report.jobs[0]?.scores?.planned);
    expect(document.report).toBe(join(dir, keys.report('numbers-1', 'index.html')));
  });

  it('says null, not nothing, for a report that was not written', async () => {
    expect(await readReport(stores, 'numbers-1')).toBeNull();
    expect(await runDocument(runRecord(), null, stores)).toMatchObject({ jobs: [], leaderboard: null, report: null });
  });

  it('calls a run that nobody drives interrupted, and only such a one', async () => {
    const stateOf = async (owner: string | null): Promise<string> => (await runDocument(runRecord({ owner }), null, stores)).state;

    expect(await stateOf(null)).toBe('interrupted');
    expect(await stateOf('999999999/0')).toBe('interrupted');
    expect(await stateOf(thisOwner())).toBe('running');
  });
});
