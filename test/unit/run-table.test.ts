/** Rows of runs, as `bakeoff list` prints them. */
import { describe, expect, it } from 'vitest';
import { runTable } from '../../lib/cli/run-table.ts';

const createdAtMs = Date.UTC(2026, 10, 20, 12);
const run = { runId: 'a-1', shownState: 'succeeded', createdAtMs, finishedAtMs: createdAtMs + 5000, start: 1 };

describe('a table of runs', () => {
  it('tells how long each took, and in how many starts, since the pause counts', () => {
    const [, once, twice, live] = runTable([run, { ...run, start: 2 }, { ...run, start: 2, finishedAtMs: null, shownState: 'running' }]);
    expect(once).toBe('a-1  succeeded       2026-11-20 12:00  5s');
    expect(twice).toBe('a-1  succeeded       2026-11-20 12:00  5s in 2 starts');
    expect(live).toBe('a-1  running         2026-11-20 12:00');
  });

  it('tells the specs of runs whose ids do not, and lets no name steer the terminal', () => {
    const rows = runTable([
      { ...run, spec: 'diabetes' },
      { ...run, spec: 'a\u001b[2J' },
    ]);
    expect(rows).toEqual([
      'run  state           started (UTC)     took  spec',
      'a-1  succeeded       2026-11-20 12:00  5s    diabetes',
      'a-1  succeeded       2026-11-20 12:00  5s    a\\u{1b}[2J',
    ]);
  });
});
