/** What of a section is sound although the rest is not, so that every check can speak of what it understands. Called by parse-spec.ts. */
import type { z } from 'zod';
import { isMapping } from './parse-spec-later.ts';

/** Undefined where the shape is wrong. */
export function sound<T extends z.ZodType>(schema: T, value: unknown): z.infer<T> | undefined {
  const parsed = schema.safeParse(value);
  return parsed.success ? parsed.data : undefined;
}

/** A mapping without the keys whose shape is wrong, as far as the rest is sound. */
export function soundPart<T extends z.ZodType>(schema: T, value: unknown): z.infer<T> | undefined {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  if (!isMapping(value)) return undefined;
  const rest: Record<string, unknown> = structuredClone(value);
  for (const issue of parsed.error.issues) {
    const bad = issue.code === 'unrecognized_keys' ? issue.keys.map((key) => [...issue.path, key]) : [issue.path];
    for (const [first, second] of bad) {
      const inner = rest[String(first)];
      const hasMore = second !== undefined && isMapping(inner) && Object.keys(inner).some((key) => key !== String(second));
      if (hasMore) delete inner[String(second)];
      else delete rest[String(first)];
    }
  }
  return sound(schema, rest);
}

/** The entries of a list that are sound, as far as they are. */
export function soundEntries<T extends z.ZodType>(schema: T, list: unknown): { index: number; value: z.infer<T>; isWhole: boolean }[] {
  if (!Array.isArray(list)) return [];
  return list.flatMap((entry: unknown, index) => {
    const value = soundPart(schema, entry);
    return value === undefined ? [] : [{ index, value, isWhole: schema.safeParse(entry).success }];
  });
}
