/** One page of a job's sample rows: walks the part files in their order, holds no more than the page. Used by the route of samples. */
import { z } from 'zod';
import { keys } from '../core/object-key.ts';
import type { ObjectStore } from '../core/ports.ts';
import { type SampleRow, sampleRowSchema } from '../core/sample.ts';
import { listParts } from '../workflow/list-parts.ts';
import { forEachLine, parseLine } from '../workflow/read-lines.ts';

/** The next row to read: part files never change, so it stays where it is. */
export const positionSchema = z.strictObject({ attempt: z.int().positive(), n: z.int().nonnegative(), line: z.int().positive() });
export type SamplePosition = z.infer<typeof positionSchema>;

/** A Lambda function answers at most 6 MB, as a JSON text in which every quote and back-slash of ours is escaped once more. */
const MAX_PAGE_BYTES = 2_600_000;

export interface SampleRows {
  readonly rows: SampleRow[];
  /** Null where nothing more is stored. */
  readonly next: SamplePosition | null;
}

/** Throws `corrupt-row` with key and line. */
export async function readSamplePage(
  objects: ObjectStore,
  job: { readonly runId: string; readonly jobId: string },
  limit: number,
  from: SamplePosition | null,
): Promise<SampleRows> {
  const rows: SampleRow[] = [];
  let bytes = 0;
  let next: SamplePosition | null = null;
  for (const { key, attempt, n } of await listParts(objects, keys.sampleParts(job.runId, job.jobId), null)) {
    if (from !== null && (attempt < from.attempt || (attempt === from.attempt && n < from.n))) continue;
    const firstLine = from !== null && attempt === from.attempt && n === from.n ? from.line : 1;
    await forEachLine(objects, key, (line) => {
      if (next !== null || line.number < firstLine) return;
      const lineBytes = Buffer.byteLength(line.text);
      if (rows.length >= limit || (rows.length > 0 && bytes + lineBytes > MAX_PAGE_BYTES)) {
        next = { attempt, n, line: line.number };
        return;
      }
      bytes += lineBytes;
      rows.push(parseLine(line, sampleRowSchema));
    });
    if (next !== null) break;
  }
  return { rows, next };
}
