/**
 * The drivers that run at this moment, so that an interrupt reaches all of them, and those that start after it.
 */
import type { RunningDriver } from './run-driver.ts';

export interface DriverSet {
  /** Returns how to leave. */
  readonly join: (driver: RunningDriver) => () => void;
  /** SIGTERM to each: they flush and exit. */
  readonly interrupt: () => void;
}

/** Empty. Once interrupted, a driver that joins is stopped too. */
export function driverSet(): DriverSet {
  const drivers = new Set<RunningDriver>();
  let interrupted = false;
  return {
    join: (driver) => {
      drivers.add(driver);
      if (interrupted) driver.signal('SIGTERM');
      return () => drivers.delete(driver);
    },
    interrupt: () => {
      interrupted = true;
      for (const driver of drivers) driver.signal('SIGTERM');
    },
  };
}
