/** Unit, contract, local and browser tests. Python packages and the Node package are tested by test/run-all.ts. */
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // Local tests start real processes: a busy machine must not turn waiting into a failure.
    testTimeout: 120_000,
    hookTimeout: 120_000,
    pool: 'forks',
    maxWorkers: 2,
  },
});
