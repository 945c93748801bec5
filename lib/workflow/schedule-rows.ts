/** How late the arrivals of an open-loop attempt were sent. Used by load-rows.ts. */
import type { ScheduleColumns } from '../core/columns.ts';
import type { SampleRow } from '../core/sample.ts';

export interface ScheduleRows {
  /** False for a sample that was not sent at its time: no statistic of the load has it. */
  readonly note: (row: SampleRow) => boolean;
  readonly columns: (seedLabel: string | null) => ScheduleColumns;
}

export function createScheduleRows(slots: number): ScheduleRows {
  const lagMs = new Float64Array(slots).fill(Number.NaN);
  let held = 0;
  let [firstDueMs, lastDueMs] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  return {
    note: (row) => {
      // Whatever the schedule sent says how long it was held; a sample that killed its server before is sent alone, after the schedule.
      if (row.timings?.heldMs === undefined) return false;
      const { scheduledMs, sentMs, heldMs } = row.timings;
      lagMs[row.ordinal] = Math.max(0, (row.tries[0]?.sentMs ?? sentMs) - scheduledMs);
      if (heldMs > 0) held++;
      firstDueMs = Math.min(firstDueMs, scheduledMs);
      lastDueMs = Math.max(lastDueMs, scheduledMs);
      return true;
    },
    columns: (seedLabel) => ({ seedLabel, lagMs, held, firstDueMs, lastDueMs }),
  };
}
