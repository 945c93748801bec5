/**
 * The exchanges that are on their way, with their deadlines: one sweep for all instead of a timer for each. A stop aborts them
 * through here.
 */
import { abort, newSwitch, type Switch } from './http-client.ts';

export interface InFlight {
  /** Aborted from the start when everything was aborted before. */
  readonly begin: () => Switch;
  readonly end: (control: Switch) => void;
  readonly abortAll: (reason: string) => void;
  /** Only what is in flight now. */
  readonly abortPresent: (reason: string) => void;
  readonly close: () => void;
}

/** Aborts with reason `timeout` what is older than `limitMs`; precise to a fiftieth of it, between 5 and 50 ms. */
export function inFlight(limitMs: number): InFlight {
  const deadlines = new Map<Switch, number>();
  let over = false;
  const sweep = setInterval(
    () => {
      const now = performance.now();
      for (const [control, deadline] of deadlines) {
        if (deadline > now) break;
        abort(control, 'timeout');
      }
    },
    Math.min(50, Math.max(5, limitMs / 50)),
  );
  const abortPresent = (reason: string): void => {
    for (const control of deadlines.keys()) abort(control, reason);
  };
  return {
    begin: () => {
      const control = newSwitch();
      // A lane that was preparing its request when the stop came would otherwise run on to its deadline.
      if (over) abort(control, 'begun-after-stop');
      deadlines.set(control, performance.now() + limitMs);
      return control;
    },
    end: (control) => {
      deadlines.delete(control);
    },
    abortAll: (reason) => {
      over = true;
      abortPresent(reason);
    },
    abortPresent,
    close: () => clearInterval(sweep),
  };
}
