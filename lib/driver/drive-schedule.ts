/**
 * Sends requests at their times, whatever the server does: open-loop load. What is due while `maxInFlight` others are unanswered goes out as
 * soon as one of them is answered, in order. Called by drive-open.ts.
 */
import type { Ending } from './grace.ts';
import type { Ahead } from './prepare-ahead.ts';
import type { Due } from './sample-row.ts';
import { type Slots, slotsOf } from './slots.ts';
import type { StopSwitch } from './stop-switch.ts';
import { alarm } from './wake-at.ts';

export interface ScheduleOptions<Prepared> {
  /** Zero of the schedule's clock, on that of `performance.now()`. */
  readonly startedAt: number;
  /** Milliseconds from there, ascending. */
  readonly timesMs: ArrayLike<number>;
  readonly maxInFlight: number;
  /** A request that was held back for longer stops the load as saturated; null: none does. */
  readonly saturationMs: number | null;
  readonly stop: StopSwitch;
  readonly ending: Ending;
  readonly ahead: Ahead<Prepared>;
  /** Sends as soon as it is called; calls `slots.leave` when the answer is there. Never rejects. */
  readonly drive: (prepared: Prepared | Promise<Prepared>, due: Due, slots: Slots) => Promise<void>;
  /** No further request goes out. */
  readonly onOut: () => void;
}

/** Resolves when every request has had its end, or a stop has come and all that were sent have theirs. */
export function driveSchedule<Prepared>(options: ScheduleOptions<Prepared>): Promise<void> {
  const { timesMs, startedAt, stop } = options;
  return new Promise((resolve) => {
    /** Requests with an index below: sent, seen to be due, held back. */
    let sent = 0;
    let due = 0;
    let held = 0;
    let open = 0;
    let isOut = false;
    const timeOf = (index: number): number => timesMs[index] ?? Number.POSITIVE_INFINITY;
    const out = (): void => {
      bell.clear();
      if (!isOut) options.onOut();
      isOut = true;
      if (open === 0) resolve();
    };
    const send = (nowMs: number): void => {
      const scheduledMs = timeOf(sent);
      const heldMs = sent < held ? nowMs - scheduledMs : 0;
      sent += 1;
      open += 1;
      slots.take();
      void options.drive(options.ahead.take(), { scheduledMs, heldMs }, slots).then(() => {
        open -= 1;
        if (open === 0 && isOut) resolve();
      });
    };
    /** `wasFull`: until now there was no slot, so what has become due meanwhile was held back. */
    const sendDue = (wasFull: boolean): void => {
      if (isOut) return;
      const nowMs = performance.now() - startedAt;
      while (timeOf(due) <= nowMs) due += 1;
      if (wasFull) held = due;
      while (sent < due && !slots.isFull() && !isOut) send(nowMs);
      if (isOut) return;
      if (sent === timesMs.length) out();
      else if (sent === due) bell.set(startedAt + timeOf(due));
      else holdBack(nowMs);
    };
    const holdBack = (nowMs: number): void => {
      held = due;
      const limitMs = options.saturationMs;
      if (limitMs === null) return;
      if (nowMs - timeOf(sent) > limitMs) stop.stop('saturated');
      else bell.set(startedAt + timeOf(sent) + limitMs + 1);
    };
    const bell = alarm(() => sendDue(false));
    const slots = slotsOf(options.maxInFlight, options.ending, sendDue);
    stop.onStop(out);
    sendDue(false);
  });
}
