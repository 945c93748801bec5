/** `bakeoff report RUN`: writes the report again, from the stored rows, and prints its path. */
import { stackOf } from './deployment-choice.ts';
import { findRun, openRuns } from './find-run.ts';
import { type CommonOptions, type ExitCode, type VerbIo, writeJson } from './io.ts';
import { reportPath, runDocument } from './print-run.ts';
import { recomputeRun } from './recompute-run.ts';

export async function reportVerb(args: readonly string[], options: CommonOptions & Record<string, unknown>, io: VerbIo): Promise<ExitCode> {
  const stack = stackOf(options, io);
  if (stack !== null) return (await import('./report-deployed.ts')).reportDeployed(args[0] ?? '', stack, options, io);
  const stores = openRuns(options.dir);
  try {
    const run = await findRun(stores, args[0] ?? '');
    const report = await recomputeRun(stores, run);
    if (options.json) writeJson(io, await runDocument(run, report, stores));
    else io.stdout.write(`${reportPath(stores, run.runId)}\n`);
    return 0;
  } finally {
    stores.close();
  }
}
