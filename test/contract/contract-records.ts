/** Records that several contract suites write. */
import type { RunRecord } from '../../lib/core/job.ts';

export const runRecord = (runId: string, createdAtMs = 1): RunRecord => ({
  schema: 1,
  runId,
  name: 'demo',
  version: 1,
  start: 1,
  state: 'accepted',
  specSha256: 'a'.repeat(64),
  createdAtMs,
  updatedAtMs: createdAtMs,
  finishedAtMs: null,
  cancelRequested: false,
  owner: null,
  failure: null,
});
