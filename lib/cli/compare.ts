/** `bakeoff compare RUN RUN`: the jobs that two runs of this machine share, paired by sample, with every difference's interval. */
import { compareRuns } from '../workflow/compare-runs.ts';
import type { LocalStores } from '../compose/local.ts';
import { BakeoffError } from '../core/errors.ts';
import type { RunRecord } from '../core/job.ts';
import { keys } from '../core/object-key.ts';
import { requireThisMachine } from './deployment-choice.ts';
import { findRun, openRuns } from './find-run.ts';
import { type CommonOptions, type ExitCode, type VerbIo, writeJson } from './io.ts';
import { comparisonLines } from './print-comparison.ts';

export async function compareVerb(
  args: readonly string[],
  options: CommonOptions & Record<string, unknown>,
  io: VerbIo,
): Promise<ExitCode> {
  requireThisMachine(options, io, 'compare');
  const stores = openRuns(options.dir);
  try {
    const [a, b] = [await plannedRun(stores, args[0] ?? ''), await plannedRun(stores, args[1] ?? '')];
    const comparison = await compareRuns(stores.objects, { a, b }, { metric: null, bounds: null });
    if (options.json) writeJson(io, comparison);
    else io.stdout.write(`${comparisonLines(comparison, io.columns).join('\n')}\n`);
    return 0;
  } finally {
    stores.close();
  }
}

/** Throws `run-unknown` and `run-not-planned`. */
async function plannedRun(stores: LocalStores, name: string): Promise<RunRecord> {
  const run = await findRun(stores, name);
  if ((await stores.objects.get(keys.plan(run.runId))) !== null) return run;
  throw new BakeoffError({
    code: 'run-not-planned',
    message: `run ${run.runId} ended before it was planned; it has no rows`,
    remedy: 'Go on with it: bakeoff run SPEC --resume.',
  });
}
