/**
 * Sends work to a server with a fixed number in flight: both closed load (`concurrency` clients, each waiting for its answer) and
 * offline load (as much as the server may hold). Called by infer-stage.ts.
 */
import type { StopSwitch } from './stop-switch.ts';

/** Each lane takes the next ordinal when its last one is done. Resolves when all is done or a stop has emptied the lanes. */
export async function driveLoad(
  work: readonly number[],
  lanes: number,
  stop: StopSwitch,
  drive: (ordinal: number, lane: number) => Promise<void>,
): Promise<void> {
  let next = 0;
  const runLane = async (lane: number): Promise<void> => {
    while (stop.reason() === null) {
      const ordinal = work[next];
      if (ordinal === undefined) return;
      next += 1;
      await drive(ordinal, lane);
    }
  };
  await Promise.all(Array.from({ length: Math.min(lanes, work.length) }, (_, lane) => runLane(lane)));
}
