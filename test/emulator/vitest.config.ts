/** The emulator level: one file, one process, in order. Not part of the ordinary include: it needs Docker and minutes. */
import { join } from 'node:path';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    root: join(import.meta.dirname, '../..'),
    include: ['test/emulator/**/*.e2e.ts'],
    // Waiting for containers on a busy machine must not turn into a failure; a hang must.
    testTimeout: 300_000,
    hookTimeout: 1_200_000,
    pool: 'forks',
    maxWorkers: 1,
    fileParallelism: false,
    bail: 0,
  },
});
