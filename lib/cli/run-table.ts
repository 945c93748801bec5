/** Runs as rows: what `bakeoff list` prints of this machine and of a deployment. */
import type { RunRecord } from '../core/job.ts';
import { formatDuration } from './progress-view.ts';

const STATE_WIDTH = 'stopped-budget'.length;

/** A run as a row tells it. */
interface ListedRun extends Pick<RunRecord, 'runId' | 'createdAtMs' | 'finishedAtMs'> {
  readonly shownState: string;
}

export function runTable(runs: readonly ListedRun[]): string[] {
  const width = Math.max(...runs.map((run) => run.runId.length), 3);
  const lines = runs.map((run) => {
    const when = new Date(run.createdAtMs).toISOString().slice(0, 16).replace('T', ' ');
    const took = run.finishedAtMs === null ? '' : formatDuration(run.finishedAtMs - run.createdAtMs);
    return `${run.runId.padEnd(width)}  ${run.shownState.padEnd(STATE_WIDTH)}  ${when}  ${took}`.trimEnd();
  });
  return [`${'run'.padEnd(width)}  ${'state'.padEnd(STATE_WIDTH)}  started (UTC)     took`, ...lines];
}
