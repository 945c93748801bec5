/** `bakeoff list`: the runs of the folder, newest first. A run that nobody drives any more is called interrupted. */
import { hasLocalRuns, openLocalStores } from '../compose/local.ts';
import { isInterrupted } from '../compose/run-owner.ts';
import type { RunRecord } from '../core/job.ts';
import { stackOf } from './deployment-choice.ts';
import { type CommonOptions, type ExitCode, type VerbIo, writeJson } from './io.ts';
import { runTable } from './run-table.ts';

const SHOWN = 200;

export async function listVerb(_args: readonly string[], options: CommonOptions & Record<string, unknown>, io: VerbIo): Promise<ExitCode> {
  const stack = stackOf(options, io);
  if (stack !== null) return (await import('./list-deployed.ts')).listDeployed(stack, options, io);
  if (!hasLocalRuns(options.dir)) return tell([], options, io);
  const stores = openLocalStores(options.dir);
  try {
    return tell(await stores.runs.listRuns(SHOWN), options, io);
  } finally {
    stores.close();
  }
}

function tell(runs: readonly RunRecord[], { dir, json }: CommonOptions, io: VerbIo): ExitCode {
  if (json) writeJson(io, { dir, runs: runs.map(documentOf) });
  else if (runs.length === 0) io.stdout.write(`no runs in ${dir}\n`);
  else io.stdout.write(`${runTable(runs.map((run) => ({ ...run, shownState: stateOf(run) }))).join('\n')}\n`);
  return 0;
}

function documentOf(run: RunRecord) {
  const { runId, name, start, createdAtMs, finishedAtMs, failure } = run;
  return { runId, name, state: stateOf(run), starts: start, createdAtMs, finishedAtMs, failure };
}

function stateOf(run: RunRecord): string {
  return isInterrupted(run) ? 'interrupted' : run.state;
}
