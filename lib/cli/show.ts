/** `bakeoff show RUN`: a run with its jobs, leaderboard and failures. */
import { systemClock } from '../compose/clock.ts';
import { isInterrupted as nobodyDrives } from '../compose/run-owner.ts';
import { stackOf } from './deployment-choice.ts';
import { findRun, openRuns } from './find-run.ts';
import { type CommonOptions, type ExitCode, type VerbIo, writeJson } from './io.ts';
import { printRun, readReport, runDocument } from './print-run.ts';
import { progressLines } from './progress-view.ts';

export async function showVerb(args: readonly string[], options: CommonOptions & Record<string, unknown>, io: VerbIo): Promise<ExitCode> {
  const stack = stackOf(options, io);
  if (stack !== null) return (await import('./show-deployed.ts')).showDeployed(args[0] ?? '', stack, options, io);
  const stores = openRuns(options.dir);
  try {
    const run = await findRun(stores, args[0] ?? '');
    const report = await readReport(stores, run.runId);
    if (options.json) {
      writeJson(io, await runDocument(run, report, stores));
      return 0;
    }
    const isInterrupted = nobodyDrives(run);
    const nowMs = run.finishedAtMs ?? (isInterrupted ? run.updatedAtMs : systemClock.nowMs());
    const labels = new Map((report?.jobs ?? []).map(({ jobId, label }) => [jobId, label]));
    const [jobs, beats] = [await stores.runs.listJobs(run.runId), await stores.runs.listBeats(run.runId)];
    io.stdout.write(`${progressLines({ run, jobs, beats, nowMs, labels, isInterrupted }, io.columns).join('\n')}\n`);
    await printRun(run, report, stores, io);
    if (isInterrupted) io.stderr.write('go on with: bakeoff run SPEC --resume\n');
    return 0;
  } finally {
    stores.close();
  }
}
