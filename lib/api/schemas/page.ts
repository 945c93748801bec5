/** How listings are asked for: a bounded limit, and the cursor of the page before. */
import { z } from 'zod';

export const MAX_PAGE = 100;
const DEFAULT_PAGE = 20;

/** Opaque: from the page before, for the same question. */
export const cursorSchema = z
  .string()
  .min(1)
  .max(2048)
  .regex(/^[A-Za-z0-9_.-]+$/)
  .meta({ description: 'The cursor of the page before; leave it out for the first page.' });

/** A whole number in a query. */
export function countSchema(most: number, initial: number) {
  return z
    .string()
    .regex(/^[1-9][0-9]{0,5}$/, `a whole number from 1 to ${most}`)
    .transform(Number)
    .pipe(z.int().max(most, `a whole number from 1 to ${most}`))
    .default(initial)
    .meta({
      override: ({ jsonSchema }: { jsonSchema: Record<string, unknown> }) => {
        for (const key of Object.keys(jsonSchema)) delete jsonSchema[key];
        Object.assign(jsonSchema, { type: 'integer', minimum: 1, maximum: most, default: initial });
      },
    });
}

export const pageQuerySchema = z.strictObject({ limit: countSchema(MAX_PAGE, DEFAULT_PAGE), cursor: cursorSchema.optional() });

/** Null at the end. */
export const nextCursorSchema = z.string().nullable();
