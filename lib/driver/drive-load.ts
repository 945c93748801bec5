/**
 * Sends work to a server with a fixed number in flight: both closed load (`concurrency` clients, each waiting for its answer) and
 * offline load (as much as the server may hold); warm-up and suspects too. Called by drive-job.ts.
 */
import { type StopSwitch, stopSwitch } from './stop-switch.ts';

const TOP_UP_MS = 2;

export interface LoadOptions<Prepared> {
  /** Ordinals in order of issue. */
  readonly work: readonly number[];
  readonly lanes: number;
  readonly stop: StopSwitch;
  /** Makes a request (seed, body, images), ahead of its turn and off the clock. */
  readonly prepare: (ordinal: number) => Prepared | Promise<Prepared>;
  readonly drive: (prepared: Prepared | Promise<Prepared>, lane: number) => Promise<void>;
  /** False from when on neither it nor what comes after it goes out; left out: always true. */
  readonly isDue?: (ordinal: number) => boolean;
  /** How much later than the first a lane begins; left out: not at all. */
  readonly laneDelayMs?: (lane: number) => number;
  /** No further request goes out. */
  readonly onOut?: () => void;
}

/** Each lane takes the next ordinal when its last one is done. Resolves when all is done or a stop has emptied the lanes. */
export async function driveLoad<Prepared>(options: LoadOptions<Prepared>): Promise<void> {
  const { work, stop, isDue = () => true, laneDelayMs = () => 0 } = options;
  const lanes = Math.min(options.lanes, work.length);
  const ahead: (Prepared | Promise<Prepared>)[] = [];
  // Lanes that have not begun need not when there is nothing left for them.
  const ended = stopSwitch<string>();
  const forget = stop.onStop(ended.stop);
  let made = 0;
  let topping = false;
  const top = (): void => {
    topping = false;
    if (stop.reason() !== null) return;
    for (let ordinal = work[made]; ordinal !== undefined && ahead.length < 2 * lanes; ordinal = work[made]) {
      ahead.push(guarded(options.prepare(ordinal)));
      made += 1;
    }
  };
  const out = (): void => {
    if (ended.reason() !== null) return;
    ended.stop('out');
    options.onOut?.();
  };
  const take = (): Prepared | Promise<Prepared> | undefined => {
    const at = made - ahead.length;
    const ordinal = work[at];
    if (ordinal === undefined || !isDue(ordinal)) {
      out();
      return undefined;
    }
    if (ahead.length === 0) top();
    // Topped up a little later: a burst of answers comes first.
    if (!topping) setTimeout(top, TOP_UP_MS);
    topping = true;
    if (at + 1 === work.length) out();
    return ahead.shift();
  };
  const runLane = async (lane: number): Promise<void> => {
    const delayMs = laneDelayMs(lane);
    if (delayMs > 0) await ended.pause(delayMs);
    while (stop.reason() === null) {
      const next = take();
      if (next === undefined) return;
      await options.drive(next, lane);
    }
  };
  await Promise.all(Array.from({ length: lanes }, (_, lane) => runLane(lane)));
  forget();
}

/** A preparation that fails before its turn is not an unhandled rejection: its lane will meet it. */
function guarded<T>(prepared: T | Promise<T>): T | Promise<T> {
  if (prepared instanceof Promise) prepared.catch(() => undefined);
  return prepared;
}
