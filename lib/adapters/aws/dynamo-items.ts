/**
 * Records as items of the table: the record is JSON in one attribute, beside its keys, and is parsed with its schema whenever it is
 * read. Called by the DynamoDB adapters.
 */
import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import type { z } from 'zod';
import { BakeoffError, messageOf } from '../../core/errors.ts';
import { TABLE_ATTRIBUTES } from '../../core/table-layout.ts';
import { type ItemKey, keyAttributes } from './dynamo-keys.ts';

export type Item = Record<string, AttributeValue>;

/** DynamoDB's limit for an item with the names of its attributes, and what we leave for keys and their like. */
const ITEM_MAX_BYTES = 400 * 1024;
const KEYS_MAX_BYTES = 8 * 1024;

interface ItemOptions {
  /** For records that are replaced conditionally. */
  readonly version?: number;
  /** Attributes of indexes. */
  readonly indexed?: Item;
}

/** Throws `record-too-large` for what does not fit into an item. */
export function itemOf(key: ItemKey, record: unknown, { version, indexed }: ItemOptions = {}): Item {
  const text = JSON.stringify(record);
  const bytes = Buffer.byteLength(text);
  if (bytes > ITEM_MAX_BYTES - KEYS_MAX_BYTES) throw tooLarge(key, bytes);
  return {
    ...keyAttributes(key),
    ...indexed,
    ...(version === undefined ? {} : { [TABLE_ATTRIBUTES.version]: { N: String(version) } }),
    [TABLE_ATTRIBUTES.record]: { S: text },
  };
}

/** Throws `record-unreadable` for what is no such record. */
export function recordOf<T>(schema: z.ZodType<T>, item: Item): T {
  try {
    return schema.parse(JSON.parse(item[TABLE_ATTRIBUTES.record]?.S ?? ''));
  } catch (error) {
    throw new BakeoffError({
      code: 'record-unreadable',
      message: `the item ${item.PK?.S} ${item.SK?.S} is no record of this version of Bakeoff: ${messageOf(error).slice(0, 500)}`,
      remedy: 'Use the version of Bakeoff that the stack was deployed with, or deploy this one.',
      kind: 'environment',
      cause: error,
    });
  }
}

function tooLarge({ partition, sort }: ItemKey, bytes: number): BakeoffError {
  return new BakeoffError({
    code: 'record-too-large',
    message: `the record ${partition} ${sort} has ${bytes} bytes; an item of the table holds ${ITEM_MAX_BYTES - KEYS_MAX_BYTES}`,
    remedy: 'Start a new run: this record has grown over too many attempts. Write shorter last words to the log if it comes again.',
    kind: 'environment',
  });
}
