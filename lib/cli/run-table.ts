/** Runs as rows: what `bakeoff list` prints of this machine and of a deployment. */
import type { RunRecord } from '../core/job.ts';
import { formatDuration } from './progress-view.ts';
import { alignColumns, safeText } from './wrap-text.ts';

const STATE_WIDTH = 'stopped-budget'.length;

/** A run as a row tells it. */
interface ListedRun extends Pick<RunRecord, 'runId' | 'createdAtMs' | 'finishedAtMs' | 'start'> {
  readonly shownState: string;
  /** Name of its spec, where the id does not tell it. */
  readonly spec?: string;
}

/** The time of a run that was resumed includes the pause: its starts are told beside it. */
export function runTable(runs: readonly ListedRun[]): string[] {
  const width = Math.max(...runs.map((run) => run.runId.length), 3);
  const rows = runs.map((run) => {
    const when = new Date(run.createdAtMs).toISOString().slice(0, 16).replace('T', ' ');
    const took = run.finishedAtMs === null ? '' : formatDuration(run.finishedAtMs - run.createdAtMs);
    const starts = took === '' || run.start === 1 ? '' : ` in ${run.start} starts`;
    return [run.runId.padEnd(width), run.shownState.padEnd(STATE_WIDTH), when, `${took}${starts}`, safeText(run.spec ?? '')];
  });
  const head = ['run'.padEnd(width), 'state'.padEnd(STATE_WIDTH), 'started (UTC)   ', 'took', runs.some(({ spec }) => spec) ? 'spec' : ''];
  return alignColumns([head, ...rows]);
}
