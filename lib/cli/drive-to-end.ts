/**
 * Drives a run that this process owns to its end, with live progress, and lets the user interrupt it. Called by the verbs that drive runs:
 * run and evaluate.
 */
import { systemClock } from '../compose/clock.ts';
import type { LocalStores } from '../compose/local.ts';
import type { LocalRunEnd, LocalRunner } from '../compose/local-runner.ts';
import { BakeoffError } from '../core/errors.ts';
import type { Job, PackageRef, RunRecord } from '../core/job.ts';
import { jobLabels } from '../report/job-labels.ts';
import { failRun } from './fail-run.ts';
import type { VerbIo } from './io.ts';
import { packagesOfStart } from './packages-of-start.ts';
import { followRun } from './progress.ts';

/** `jobs`: those of the plan. Two interrupts: the first stops cleanly, the second at once. */
export async function driveToEnd(
  run: RunRecord,
  jobs: readonly Job[],
  runner: LocalRunner,
  stores: LocalStores,
  io: VerbIo,
): Promise<LocalRunEnd> {
  let asked = 0;
  let say = (line: string): void => void io.stderr.write(`${line}\n`);
  const onSignal = (): void => {
    asked += 1;
    if (asked > 1) {
      io.stderr.write(`\nstopped at once; run ${run.runId} can be resumed\n`);
      process.exit(130);
    }
    say('stopping cleanly: answers so far are kept; Ctrl-C again stops at once');
    runner.interrupt();
  };
  process.on('SIGINT', onSignal).on('SIGTERM', onSignal);
  try {
    await prepare(run, await packagesOfStart(run, jobs, stores), runner, stores, io);
    if (asked > 0) return { kind: 'interrupted' };
    const progress = await followRun(run.runId, stores.runs, systemClock, io, jobLabels(jobs));
    say = progress.note;
    try {
      return await runner.drive(run);
    } finally {
      await progress.stop();
    }
  } finally {
    process.off('SIGINT', onSignal).off('SIGTERM', onSignal);
  }
}

/** One package that cannot be installed, or image that cannot be had, fails its own jobs, later; what no job can do without fails the run now. */
async function prepare(
  run: RunRecord,
  packages: readonly PackageRef[],
  runner: LocalRunner,
  stores: LocalStores,
  io: VerbIo,
): Promise<void> {
  try {
    await runner.prepare(packages, (event) => {
      if (event.event === 'building') io.stderr.write(`installing ${event.id}\n`);
      if (event.event === 'built') io.stderr.write(`installed ${event.id} in ${(event.installMs / 1000).toFixed(1)} s\n`);
      if (event.event === 'pulling') io.stderr.write(`bringing the image ${event.id}\n`);
      if (event.event === 'pulled') io.stderr.write(`brought the image ${event.id} in ${(event.pullMs / 1000).toFixed(1)} s\n`);
      if (event.event === 'waiting') io.stderr.write(`waiting for another process that installs ${event.id}\n`);
    });
  } catch (error) {
    if (error instanceof BakeoffError && error.code === 'install-interrupted') return;
    if (error instanceof BakeoffError && /^(install-failed$|package-|image-)/.test(error.code)) {
      io.stderr.write(`${error.message}\n`);
      return;
    }
    await failRun(stores.runs, run.runId, error, 'install-failed');
    throw error;
  }
}
