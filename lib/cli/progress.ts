/**
 * Follows a run on the terminal: redraws in place where stderr is a terminal, else prints each change as a line. It reads the
 * records twice a second and knows nothing of who does the work.
 */
import type { Clock, RunStore } from '../core/ports.ts';
import type { VerbIo } from './io.ts';
import { changedLines, type ProgressState, progressLines } from './progress-view.ts';

const REDRAW_MS = 500;

type Terminal = Pick<VerbIo, 'isTty' | 'columns' | 'stderr'>;

export interface Progress {
  /** Draws a last time and stops. Never rejects. */
  readonly stop: () => Promise<void>;
  /** Prints a line above the live ones. */
  readonly note: (line: string) => void;
}

export async function followRun(
  runId: string,
  runs: RunStore,
  clock: Clock,
  io: Terminal,
  labels: ReadonlyMap<string, string> = new Map(),
): Promise<Progress> {
  const draw = await openDrawing(io);
  const look = async (): Promise<void> => {
    const run = await runs.getRun(runId);
    if (run === null) return;
    draw.show({ run, jobs: await runs.listJobs(runId), beats: await runs.listBeats(runId), nowMs: clock.nowMs(), labels });
  };
  // A look that fails (busy or broken records) shows nothing new: whoever drives the run meets the same records and tells.
  const refresh = (): Promise<void> => look().catch(() => undefined);
  let stopped = false;
  const loop = (async () => {
    while (!stopped) {
      await refresh();
      await new Promise((resolve) => setTimeout(resolve, REDRAW_MS));
    }
  })();
  return {
    stop: async () => {
      stopped = true;
      await loop;
      await refresh();
      draw.end();
    },
    note: draw.note,
  };
}

/** Where progress is drawn: in place on a terminal, else line by line. */
export interface Drawing {
  readonly show: (state: ProgressState) => void;
  readonly note: (line: string) => void;
  readonly end: () => void;
}

export async function openDrawing(io: Terminal): Promise<Drawing> {
  return io.isTty ? await liveDrawing(io) : plainDrawing(io);
}

async function liveDrawing(io: Terminal): Promise<Drawing> {
  const { createLogUpdate } = await import('log-update');
  const update = createLogUpdate(process.stderr);
  return {
    show: (state) => update(progressLines(state, io.columns).join('\n')),
    note: (line) => {
      update.clear();
      io.stderr.write(`${line}\n`);
    },
    end: () => update.done(),
  };
}

function plainDrawing(io: Terminal): Drawing {
  let seen = new Map<string, string>();
  return {
    show: (state) => {
      const changed = changedLines(seen, state);
      seen = changed.seen;
      for (const line of changed.lines) io.stderr.write(`${line}\n`);
    },
    note: (line) => io.stderr.write(`${line}\n`),
    end: () => {},
  };
}
