/**
 * Ends a driver whose event loop stalls: the attempt then fails in minutes instead of hanging for hours. Started by main.ts. The loop
 * raises a shared counter; a thread of its own looks at it.
 */
import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';

export const STALL_MS = 5 * 60_000;
const PULSES = 10;

export interface Watchdog {
  readonly close: () => Promise<number>;
}

/** Ends this process once its event loop has done nothing for `stallMs`. */
export function startWatchdog(stallMs: number): Watchdog {
  const counter = new SharedArrayBuffer(4);
  const pulses = new Int32Array(counter);
  const beat = setInterval(() => Atomics.add(pulses, 0, 1), stallMs / (PULSES * 2));
  beat.unref();
  // Beside this file in the sources, beside the bundle in the image.
  const thread = `./watchdog-thread${extname(import.meta.url)}`;
  const worker = new Worker(new URL(thread, import.meta.url), { workerData: { counter, stallMs, pulses: PULSES } });
  worker.unref();
  return {
    close: () => {
      clearInterval(beat);
      return worker.terminate();
    },
  };
}
