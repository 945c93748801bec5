/**
 * The schema of what a driver notes about its task at the key keys.task(...): its phases and what the container beside it used. Written by
 * the driver before it exits; read back by the workflow, which knows the task's own times (wait, pull) from ECS.
 */
import { z } from 'zod';

const measured = z.number().nonnegative().finite();

/** `peakMemoryMiB` is the largest of samples taken `sampleHz` times a second, so "at least"; `reason` says why a figure is null. */
export const serverNotesSchema = z.strictObject({
  peakMemoryMiB: measured.nullable(),
  cpuSeconds: measured.nullable(),
  sampleHz: measured.nullable(),
  reason: z.string().max(500).nullable(),
});
export type ServerNotes = z.infer<typeof serverNotesSchema>;

export const taskNotesSchema = z.strictObject({
  schema: z.literal(1),
  phasesMs: z.record(z.string().max(64), measured),
  server: serverNotesSchema,
});
export type TaskNotes = z.infer<typeof taskNotesSchema>;
