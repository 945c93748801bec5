/**
 * Reads the rows of part files back: a stage begins with what earlier attempts have recorded. Called by both stages.
 */
import { BakeoffError } from '../core/errors.ts';
import type { PartName } from '../core/part-name.ts';
import type { ObjectStore } from '../core/ports.ts';

/** Every row of the parts, first part first. Throws `part-corrupt`: a part is written whole, so a broken one was touched. */
export async function* rowsOf(objects: ObjectStore, parts: readonly PartName[]): AsyncIterable<Record<string, unknown>> {
  for (const { key } of parts) {
    const body = await objects.get(key);
    if (body === null) continue;
    const text = Buffer.from(body).toString('utf8');
    for (const line of text.split('\n')) {
      if (line !== '') yield parseRow(key, line);
    }
  }
}

function parseRow(key: string, line: string): Record<string, unknown> {
  try {
    const row: unknown = JSON.parse(line);
    if (typeof row === 'object' && row !== null) return { ...row };
  } catch {
    // Falls through to the error that names the part.
  }
  throw new BakeoffError({
    code: 'part-corrupt',
    message: `${key} holds a line that is not a row: ${line.slice(0, 80)}`,
    remedy: 'Remove that file and run again with --resume: its samples are then done anew.',
    kind: 'environment',
  });
}
