/** Requests at their times: what only shows when the event loop is busy at the wrong moment. The rest is test/local/driver-open-loop.test.ts. */
import { describe, expect, it } from 'vitest';
import { driveSchedule } from '../../lib/driver/drive-schedule.ts';
import { prepareAhead } from '../../lib/driver/prepare-ahead.ts';
import type { Due } from '../../lib/driver/sample-row.ts';
import { type Slots, slotsOf } from '../../lib/driver/slots.ts';
import { stopSwitch } from '../../lib/driver/stop-switch.ts';

const busyUntil = (at: number): void => {
  while (performance.now() < at);
};

interface Sent {
  readonly index: number;
  readonly due: Due;
  readonly sentMs: number;
}

/** `then` is called with each request that goes out. */
async function driven(timesMs: readonly number[], maxInFlight: number, then: (sent: Sent, slots: Slots, startedAt: number) => void) {
  const stop = stopSwitch();
  const startedAt = performance.now();
  const sent: Sent[] = [];
  const ahead = prepareAhead({ count: timesMs.length, prepare: (index) => index, bytesOf: () => 1 });
  const drive = async (index: number | Promise<number>, due: Due, slots: Slots): Promise<void> => {
    const one = { index: await index, due, sentMs: performance.now() - startedAt };
    sent.push(one);
    then(one, slots, startedAt);
  };
  const options = { startedAt, timesMs, maxInFlight, saturationMs: null, stop, ending: stop, ahead, drive, onOut: () => undefined };
  await driveSchedule(options);
  return sent;
}

describe('a schedule', () => {
  it('says of a request that became due while every place was taken that it was held back, even when the alarm came too late to see it', async () => {
    const sent = await driven([0, 5], 1, ({ index }, slots, startedAt) => {
      if (index === 0) busyUntil(startedAt + 8);
      slots.leave();
    });
    expect(sent.map(({ due }) => due.heldMs > 0)).toEqual([false, true]);
    expect(sent[1]?.due.heldMs).toBeLessThanOrEqual((sent[1]?.sentMs ?? 0) - 5);
  });

  it('does not call held back what was only sent late', async () => {
    const sent = await driven([0, 5, 6], 3, ({ index }, slots, startedAt) => {
      if (index === 0) busyUntil(startedAt + 8);
      slots.leave();
    });
    expect(sent.map(({ due }) => due.heldMs)).toEqual([0, 0, 0]);
  });

  it('sends nothing before its time', async () => {
    const times = Array.from({ length: 40 }, (_, index) => index * 1.3);
    const sent = await driven(times, 40, (_sent, slots) => slots.leave());
    for (const { index, sentMs } of sent) expect(sentMs).toBeGreaterThanOrEqual(times[index] ?? Number.NaN);
    expect(sent.map(({ index }) => index)).toEqual(times.map((_, index) => index));
  });
});

describe('a place among the requests in flight', () => {
  it('goes to a further try before a request that was never sent', async () => {
    const ending = stopSwitch();
    const freed: boolean[] = [];
    const slots = slotsOf(1, ending, (wasFull) => freed.push(wasFull));
    slots.take();
    let entered = false;
    const entering = slots.enter().then(() => {
      entered = true;
    });
    await Promise.resolve();
    expect(entered).toBe(false);
    slots.leave();
    await entering;
    expect([slots.isFull(), freed]).toEqual([true, []]);
    slots.leave();
    expect([slots.isFull(), freed]).toEqual([false, [true]]);
  });

  it('is waited for no longer than the load goes on', async () => {
    const ending = stopSwitch();
    const slots = slotsOf(1, ending, () => undefined);
    slots.take();
    const entering = slots.enter();
    ending.stop('cancelled');
    await entering;
    await slots.enter();
    expect(ending.reason()).toBe('cancelled');
  });
});
