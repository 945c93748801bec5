/** `bakeoff show RUN`: a run with its jobs, leaderboard and failures. */
import { openLocalStores, systemClock } from '../compose/local.ts';
import { findRun } from './find-run.ts';
import { type CommonOptions, type ExitCode, type VerbIo, writeJson } from './io.ts';
import { printRun, readReport, runDocument } from './print-run.ts';
import { progressLines } from './progress-view.ts';

export async function showVerb(args: readonly string[], options: CommonOptions, io: VerbIo): Promise<ExitCode> {
  const stores = openLocalStores(options.dir);
  try {
    const run = await findRun(stores, args[0] ?? '');
    const report = await readReport(stores, run.runId);
    if (options.json) {
      writeJson(io, await runDocument(run, report, stores));
      return 0;
    }
    const nowMs = run.finishedAtMs ?? systemClock.nowMs();
    const state = { run, jobs: await stores.runs.listJobs(run.runId), beats: await stores.runs.listBeats(run.runId), nowMs };
    io.stdout.write(`${progressLines(state, io.columns).join('\n')}\n`);
    await printRun(run, report, stores, io);
    return 0;
  } finally {
    stores.close();
  }
}
