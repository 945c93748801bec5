/** Reads one JSON object through a schema. The steps and the report use it for what earlier steps have frozen. */
import type { z } from 'zod';
import { BakeoffError, messageOf } from '../core/errors.ts';
import type { ObjectStore } from '../core/ports.ts';

/** Throws `object-missing` or `object-corrupt`; both name the key. */
export async function readJsonObject<T>(objects: ObjectStore, key: string, schema: z.ZodType<T>): Promise<T> {
  const body = await objects.get(key);
  if (body === null) {
    throw new BakeoffError({
      code: 'object-missing',
      message: `there is no object ${key}`,
      remedy: 'Check that the folder holds the whole run; start the run anew if files were deleted from it.',
      kind: 'environment',
    });
  }
  try {
    return schema.parse(JSON.parse(Buffer.from(body).toString('utf8')));
  } catch (error) {
    throw new BakeoffError({
      code: 'object-corrupt',
      message: `the object ${key} is not what was written: ${messageOf(error).slice(0, 500)}`,
      remedy: 'Start the run anew; files below runs/ are not meant to be edited.',
      kind: 'environment',
      cause: error,
    });
  }
}
