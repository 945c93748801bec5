/** `bakeoff compare RUN RUN`: the jobs that two runs share, paired by sample, with every difference's interval. */
import { compareRuns } from '../workflow/compare-runs.ts';
import type { LocalStores } from '../compose/local.ts';
import { BakeoffError } from '../core/errors.ts';
import type { RunRecord } from '../core/job.ts';
import { keys } from '../core/object-key.ts';
import type { RunComparison } from '../core/run-comparison.ts';
import { stackOf } from './deployment-choice.ts';
import { findRun, openRuns } from './find-run.ts';
import { type CommonOptions, type ExitCode, type VerbIo, writeJson } from './io.ts';
import { comparisonLines } from './print-comparison.ts';

type Options = CommonOptions & Record<string, unknown>;

export async function compareVerb(args: readonly string[], options: Options, io: VerbIo): Promise<ExitCode> {
  const names = { a: args[0] ?? '', b: args[1] ?? '' };
  const stack = stackOf(options, io);
  const comparison = stack === null ? await compareHere(names, options) : await compareDeployed(names, stack, options, io);
  if (options.json) writeJson(io, comparison);
  else io.stdout.write(`${comparisonLines(comparison, io.columns).join('\n')}\n`);
  return 0;
}

interface Names {
  readonly a: string;
  readonly b: string;
}

async function compareHere(names: Names, { dir }: Options): Promise<RunComparison> {
  const stores = openRuns(dir);
  try {
    const [a, b] = [await plannedRun(stores, names.a), await plannedRun(stores, names.b)];
    return await compareRuns(stores.objects, { a, b }, { metric: null, bounds: null });
  } finally {
    stores.close();
  }
}

/** Over rows that the deployment has: it compares as many as it can while a caller waits. Throws `comparison-too-large`, `run-not-planned`. */
async function compareDeployed(names: Names, stack: string, options: Options, io: VerbIo): Promise<RunComparison> {
  const [{ openConnection }, { findDeployedRun }] = [await import('./open-deployment.ts'), await import('./find-deployed-run.ts')];
  const { api, open } = await openConnection(stack, options, io);
  const find = async (name: string) => (await findDeployedRun(api, name, open.deployment.stackName, () => Date.now())).run.runId;
  return api.compare(await find(names.a), await find(names.b));
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
