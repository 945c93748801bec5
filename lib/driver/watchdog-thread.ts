/**
 * The thread of watchdog.ts: counts its own wake-ups in which the main loop showed no life. Time is not compared, so that a machine
 * that slept (and stopped both threads) is not taken for a stall.
 */
import { writeSync } from 'node:fs';
import { workerData } from 'node:worker_threads';
import { z } from 'zod';

const given = z
  .object({ counter: z.instanceof(SharedArrayBuffer), stallMs: z.number().positive(), pulses: z.int().positive() })
  .parse(workerData);
const counter = new Int32Array(given.counter);
const sleeper = new Int32Array(new SharedArrayBuffer(4));

let seen = -1;
let still = 0;
while (still < given.pulses) {
  Atomics.wait(sleeper, 0, 0, given.stallMs / given.pulses);
  const now = Atomics.load(counter, 0);
  still = now === seen ? still + 1 : 0;
  seen = now;
}
writeSync(2, `driver-stalled: the driver did nothing for ${given.stallMs} ms and ends itself; run again with --resume.\n`);
process.kill(process.pid, 'SIGKILL');
