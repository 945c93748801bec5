/** Small reads of what a run has stored: whether an object is there, and frozen JSON that may not be there yet. Used by the routes and by judging. */
import type { z } from 'zod';
import { BakeoffError } from '../core/errors.ts';
import type { ObjectStore } from '../core/ports.ts';
import { readJsonObject } from './read-json-object.ts';

/** Reads one byte at most. */
export async function objectExists(objects: ObjectStore, key: string): Promise<boolean> {
  try {
    for await (const _ of objects.read(key, { startByte: 0, endByte: 1 })) break;
    return true;
  } catch (error) {
    if (error instanceof BakeoffError && error.code === 'object-missing') return false;
    throw error;
  }
}

/** Null where there is no object; throws `object-corrupt`. */
export async function readIfStored<T>(objects: ObjectStore, key: string, schema: z.ZodType<T>): Promise<T | null> {
  try {
    return await readJsonObject(objects, key, schema);
  } catch (error) {
    if (error instanceof BakeoffError && error.code === 'object-missing') return null;
    throw error;
  }
}
