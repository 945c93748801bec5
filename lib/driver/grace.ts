/**
 * How long a load waits for its last answers. Made by drive-job.ts for each load; what still waits when it is over fails, and no further try
 * begins.
 */
import type { InFlight } from './in-flight.ts';
import { isWaitedFor, type StopReason, type StopSwitch, stopSwitch } from './stop-switch.ts';

/** Follows the attempt's own stop, and stops by itself with its load's grace. */
export type Ending = Pick<StopSwitch<StopReason | 'grace-over'>, 'reason' | 'onStop' | 'pause'>;

export interface Grace {
  readonly ending: Ending;
  /** The last request is out, or no further one may go: from now on the grace runs. Only the first call counts. */
  readonly begin: () => void;
  /** The load is over: nothing runs on. */
  readonly close: () => void;
}

/** `graceMs` undefined waits for every answer, as long as each sample may take. */
export function graceOf(stop: StopSwitch, flights: InFlight, graceMs: number | undefined): Grace {
  const ending = stopSwitch<StopReason | 'grace-over'>();
  let timer: NodeJS.Timeout | undefined;
  const begin = (): void => {
    const reason = stop.reason();
    // After any other stop what is in flight is given up, which is no failure of its own.
    if (graceMs === undefined || timer !== undefined || (reason !== null && !isWaitedFor(reason))) return;
    timer = setTimeout(() => {
      ending.stop('grace-over');
      flights.abortPresent('grace-over');
    }, graceMs);
  };
  const forget = stop.onStop((reason) => {
    ending.stop(reason);
    begin();
  });
  return {
    ending,
    begin,
    close: () => {
      clearTimeout(timer);
      forget();
    },
  };
}
