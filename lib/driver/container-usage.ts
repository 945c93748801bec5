/**
 * Makes figures of Docker's statistics of one container: its largest memory over all samples, its processor time at the last. Pure;
 * ecs-task.ts feeds it. A figure that the endpoint does not give is null with a reason.
 */
import { z } from 'zod';
import type { ServerNotes } from '../core/task-notes.ts';

const MIB = 1024 * 1024;
const NANOSECONDS = 1e9;

const count = z.number().nonnegative().finite();

/** `GET /containers/{id}/stats` of the Docker API, as the ECS agent passes it on; other fields are not read. */
const statsSchema = z.looseObject({
  read: z.string().max(100).optional(),
  memory_stats: z
    .looseObject({
      usage: count.optional(),
      stats: z.looseObject({ inactive_file: count.optional(), total_inactive_file: count.optional() }).optional(),
    })
    .optional(),
  cpu_stats: z.looseObject({ cpu_usage: z.looseObject({ total_usage: count.optional() }).optional() }).optional(),
});

export interface ContainerUsage {
  /** One answer of the endpoint about the container, `atMs` on a monotonic clock. */
  readonly add: (stats: unknown, atMs: number) => void;
  /** Why there was no answer this time. */
  readonly miss: (reason: string) => void;
  readonly notes: () => ServerNotes;
}

/** `startedAtMs` is when sampling began, on the clock of `add`: the rate counts from there. */
export function containerUsage(startedAtMs: number): ContainerUsage {
  let peakBytes: number | null = null;
  let cpuNanoseconds: number | null = null;
  let samples = 0;
  let lastAtMs = startedAtMs;
  let lastRead: string | null = null;
  let reason = 'no sample was taken: the task ended within a second';
  return {
    add: (value, atMs) => {
      const parsed = statsSchema.safeParse(value);
      if (!parsed.success) {
        reason = `the metadata endpoint's statistics cannot be read: ${parsed.error.issues[0]?.path.join('.') ?? ''} ${parsed.error.issues[0]?.message ?? ''}`;
        return;
      }
      const { read, memory_stats: memory, cpu_stats: cpu } = parsed.data;
      // The agent answers with its newest sample: the same one twice is one.
      if (read !== undefined && read === lastRead) return;
      lastRead = read ?? null;
      const usedBytes = residentBytes(memory);
      const total = cpu?.cpu_usage?.total_usage;
      if (usedBytes !== null) peakBytes = Math.max(peakBytes ?? 0, usedBytes);
      if (total !== undefined) cpuNanoseconds = Math.max(cpuNanoseconds ?? 0, total);
      if (usedBytes === null) reason = 'the metadata endpoint tells no memory of the container';
      else if (total === undefined) reason = 'the metadata endpoint tells no processor time of the container';
      if (usedBytes === null && total === undefined) return;
      samples += 1;
      lastAtMs = atMs;
    },
    miss: (why) => {
      if (samples === 0) reason = why;
    },
    notes: () => {
      const spanSeconds = (lastAtMs - startedAtMs) / 1000;
      return {
        peakMemoryMiB: peakBytes === null ? null : peakBytes / MIB,
        cpuSeconds: cpuNanoseconds === null ? null : cpuNanoseconds / NANOSECONDS,
        sampleHz: samples === 0 || spanSeconds <= 0 ? null : Math.round((samples / spanSeconds) * 100) / 100,
        reason: peakBytes === null || cpuNanoseconds === null ? reason.slice(0, 500) : null,
      };
    },
  };
}

/** Usage without the page cache that can go at any time, as `docker stats` shows it: control groups 2 and 1 name it differently. */
function residentBytes(memory: z.infer<typeof statsSchema>['memory_stats']): number | null {
  if (memory?.usage === undefined) return null;
  const cacheBytes = memory.stats?.inactive_file ?? memory.stats?.total_inactive_file ?? 0;
  return Math.max(0, memory.usage - cacheBytes);
}
