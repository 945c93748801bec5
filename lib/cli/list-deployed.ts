/** `bakeoff list --stack NAME`: the runs of a deployment, newest first. */
import type { RunSummary } from '../api/schemas/run.ts';
import { type CommonOptions, type ExitCode, type VerbIo, writeJson } from './io.ts';
import { openConnection } from './open-deployment.ts';
import { runTable } from './run-table.ts';

const SHOWN = 200;

export async function listDeployed(stack: string, options: CommonOptions & Record<string, unknown>, io: VerbIo): Promise<ExitCode> {
  const { api, open } = await openConnection(stack, options, io);
  const runs = await api.listRuns(SHOWN);
  const { stackName } = open.deployment;
  if (options.json) writeJson(io, { stack: stackName, runs: runs.map(documentOf) });
  else if (runs.length === 0) io.stdout.write(`no runs in ${stackName}\n`);
  else io.stdout.write(`${runTable(runs.map((run) => ({ ...run, shownState: stateOf(run), spec: run.name }))).join('\n')}\n`);
  return 0;
}

function stateOf({ interrupted, cancelRequested, state }: RunSummary): string {
  if (interrupted) return 'interrupted';
  return cancelRequested && (state === 'running' || state === 'accepted') ? 'cancelling' : state;
}

function documentOf(run: RunSummary) {
  const { runId, name, start, createdAtMs, finishedAtMs, failure } = run;
  return { runId, name, state: stateOf(run), starts: start, createdAtMs, finishedAtMs, failure };
}
