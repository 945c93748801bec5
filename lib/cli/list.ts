/** `bakeoff list`: the runs of the folder, newest first. */
import { openLocalStores } from '../compose/local.ts';
import type { RunRecord } from '../core/job.ts';
import { type CommonOptions, type ExitCode, type VerbIo, writeJson } from './io.ts';
import { formatDuration } from './progress-view.ts';

const SHOWN = 200;

export async function listVerb(_args: readonly string[], options: CommonOptions, io: VerbIo): Promise<ExitCode> {
  const stores = openLocalStores(options.dir);
  try {
    const runs = await stores.runs.listRuns(SHOWN);
    if (options.json) writeJson(io, { dir: stores.folder, runs: runs.map(documentOf) });
    else if (runs.length === 0) io.stdout.write(`no runs in ${stores.folder}\n`);
    else io.stdout.write(`${tableOf(runs).join('\n')}\n`);
    return 0;
  } finally {
    stores.close();
  }
}

function documentOf({ runId, name, state, start, createdAtMs, finishedAtMs, failure }: RunRecord) {
  return { runId, name, state, starts: start, createdAtMs, finishedAtMs, failure };
}

function tableOf(runs: readonly RunRecord[]): string[] {
  const width = Math.max(...runs.map((run) => run.runId.length), 3);
  const lines = runs.map((run) => {
    const when = new Date(run.createdAtMs).toISOString().slice(0, 16).replace('T', ' ');
    const took = run.finishedAtMs === null ? '' : formatDuration(run.finishedAtMs - run.createdAtMs);
    return `${run.runId.padEnd(width)}  ${run.state.padEnd(10)}  ${when}  ${took}`.trimEnd();
  });
  return [`${'run'.padEnd(width)}  ${'state'.padEnd(10)}  started (UTC)     took`, ...lines];
}
