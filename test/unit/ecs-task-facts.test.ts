/** What "Run task" hands on, as AWS and the emulator write it: each recorded payload means one thing, and nothing breaks the parser. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readTaskEnd } from '../../lib/adapters/aws/ecs-task-facts.ts';
import type { TaskEnd } from '../../lib/core/task-end.ts';

const FIXTURES = join(import.meta.dirname, '../fixtures/ecs');
const payload = (name: string): unknown => JSON.parse(readFileSync(join(FIXTURES, `${name}.json`), 'utf8'));
const T0 = 1_795_190_400_000;
const TASK = 'arn:aws:ecs:us-east-1:111122223333:task/bakeoff-cluster/0f9de17a6465404e8b1b2356dc13c2f8';

const codeOf = (end: TaskEnd): string | null => (end.kind === 'task' ? end.error : end.failure)?.code ?? null;

/** What each payload means: the code of the cause (null: the job's record says it), and whether something may be alive. */
const MEANINGS: Readonly<Record<string, { readonly code: string | null; readonly mayLive: boolean }>> = {
  succeeded: { code: null, mayLive: false },
  emulator: { code: null, mayLive: false },
  'sidecar-137-after-good-run': { code: null, mayLive: false },
  'sidecar-143-after-good-run': { code: null, mayLive: false },
  'out-of-memory': { code: null, mayLive: false },
  'killed-without-reason': { code: null, mayLive: false },
  'driver-died': { code: null, mayLive: false },
  'driver-out-of-memory': { code: 'driver-out-of-memory', mayLive: false },
  'spot-interruption': { code: 'spot-interrupted', mayLive: false },
  'termination-notice': { code: 'spot-interrupted', mayLive: false },
  'spot-stopped-by-us': { code: 'spot-interrupted', mayLive: false },
  'host-terminated': { code: 'spot-interrupted', mayLive: false },
  'host-gone': { code: 'machine-lost', mayLive: false },
  'user-initiated': { code: 'task-stopped', mayLive: false },
  'cannot-pull': { code: 'image-pull-failed', mayLive: false },
  'cannot-pull-timeout': { code: 'image-pull-interrupted', mayLive: false },
  'provisioning-timeout': { code: 'no-capacity', mayLive: false },
  'resource-initialization': { code: 'task-cannot-start', mayLive: false },
  'task-still-running': { code: null, mayLive: true },
  'placement-gpu': { code: 'no-capacity', mayLive: false },
  'placement-empty-provider': { code: 'no-capacity', mayLive: false },
  'placement-missing': { code: 'run-task-failed', mayLive: false },
  timeout: { code: 'task-timeout', mayLive: true },
  'inactive-definition': { code: 'task-definition-inactive', mayLive: false },
  throttled: { code: 'service-busy', mayLive: false },
  'server-exception': { code: 'service-busy', mayLive: false },
  'access-denied': { code: 'run-task-refused', mayLive: false },
  garbage: { code: 'task-lost', mayLive: true },
};

describe('a recorded payload', () => {
  it('has a meaning, each of them', () => {
    const names = readdirSync(FIXTURES).map((file) => file.replace('.json', ''));
    expect(names.sort()).toEqual(Object.keys(MEANINGS).sort());
  });

  it.each(Object.entries(MEANINGS))('%s means what it says', (name, meaning) => {
    const end = readTaskEnd(payload(name));

    expect({ code: codeOf(end), mayLive: end.kind === 'task' ? !end.isStopped : end.mayLive }).toEqual(meaning);
  });

  it.each(['succeeded', 'emulator'])('of a task (%s) tells who it was and when, in milliseconds', (name) => {
    expect(readTaskEnd(payload(name))).toEqual({
      kind: 'task',
      taskId: TASK,
      stage: 'infer',
      attempt: 2,
      isStopped: true,
      containerInstance: 'arn:aws:ecs:us-east-1:111122223333:container-instance/bakeoff-cluster/1c3be8ed5ef54cf2b3a5e30fbf5a2d6b',
      createdAtMs: T0,
      pullStartedAtMs: T0 + 100_000,
      pullStoppedAtMs: T0 + 160_000,
      startedAtMs: T0 + 161_000,
      stoppedAtMs: T0 + 700_000,
      driverExitCode: 0,
      server: { exitCode: 0, signal: null, reason: null },
      error: null,
    });
  });

  it('takes 137 for a lack of memory only where ECS says so', () => {
    const reasonOf = (name: string) => {
      const end = readTaskEnd(payload(name));
      return end.kind === 'task' ? end.server : null;
    };

    expect(reasonOf('out-of-memory')).toEqual({ exitCode: 137, signal: 'SIGKILL', reason: 'OutOfMemoryError' });
    expect(reasonOf('killed-without-reason')).toEqual({ exitCode: 137, signal: 'SIGKILL', reason: null });
    expect(reasonOf('sidecar-143-after-good-run')).toEqual({ exitCode: 143, signal: 'SIGTERM', reason: null });
  });

  it('reads times as ISO 8601 too, and takes what is no time for none', () => {
    const end = readTaskEnd({ taskArn: TASK, createdAt: '2026-11-20T12:00:00Z', stoppedAt: 'never', pullStartedAt: {} });

    expect(end).toMatchObject({ createdAtMs: Date.UTC(2026, 10, 20, 12), stoppedAtMs: null, pullStartedAtMs: null });
  });
});

describe('anything else', () => {
  it.each([null, 7, '', [], {}, { Error: 7 }, { Error: 'X' }, { tasks: [] }, { failures: [] }])('is a task that was lost: %j', (raw) => {
    expect(readTaskEnd(raw)).toMatchObject({ kind: 'no-task', failure: { class: 'infra', code: 'task-lost' }, mayLive: true });
  });

  it('never throws, whatever comes', () => {
    fc.assert(
      fc.property(fc.anything(), fc.jsonValue(), (raw, cause) => {
        for (const given of [
          raw,
          { Error: 'States.TaskFailed', Cause: JSON.stringify(cause) },
          { tasks: [raw] },
          { TaskArn: 'a', ...Object(raw) },
        ]) {
          expect(['task', 'no-task']).toContain(readTaskEnd(given).kind);
        }
      }),
      { numRuns: 300 },
    );
  });
});
