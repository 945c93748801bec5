/**
 * The one place where a driver learns that it should stop, and why. The first reason wins. Loops ask `reason()`; what sleeps or
 * waits listens.
 */
export type StopReason =
  /** SIGTERM: in-flight samples get a moment. */
  | 'terminated'
  /** The process that started the driver is gone. */
  | 'orphaned'
  | 'cancelled'
  | 'job-deadline'
  /** In-flight samples are waited for: their time is paid. */
  | 'error-rate'
  /** Requests of an open-loop load were held back for too long; in-flight samples are waited for. */
  | 'saturated'
  | 'fenced'
  | 'server-gone'
  | 'store-failed';

/** Stops that let what is in flight come to its end: only nothing new begins. */
export function isWaitedFor(reason: string): boolean {
  return reason === 'error-rate' || reason === 'saturated';
}

export interface StopSwitch<Reason extends string = StopReason> {
  readonly reason: () => Reason | null;
  readonly stop: (reason: Reason) => void;
  /** Calls back once, at once when stopped already. Returns how to stop listening. */
  readonly onStop: (listener: (reason: Reason) => void) => () => void;
  /** Sleeps, but not past a stop. */
  readonly pause: (milliseconds: number) => Promise<void>;
}

/** Not stopped yet. */
export function stopSwitch<Reason extends string = StopReason>(): StopSwitch<Reason> {
  let reason: Reason | null = null;
  const listeners = new Set<(reason: Reason) => void>();
  const onStop = (listener: (reason: Reason) => void): (() => void) => {
    if (reason !== null) listener(reason);
    else listeners.add(listener);
    return () => listeners.delete(listener);
  };
  return {
    reason: () => reason,
    stop: (why) => {
      if (reason !== null) return;
      reason = why;
      for (const listener of listeners) listener(why);
      listeners.clear();
    },
    onStop,
    pause: (milliseconds) =>
      new Promise((resolve) => {
        if (reason !== null) {
          resolve();
          return;
        }
        const timer = setTimeout(() => {
          forget();
          resolve();
        }, milliseconds);
        const forget = onStop(() => {
          clearTimeout(timer);
          resolve();
        });
      }),
  };
}
