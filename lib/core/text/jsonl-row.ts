/** A line of `bakeoff score text` as a row, or what is wrong with it. */
import { z } from 'zod';
import { MAX_DEPTH, parseJsonKeepingNumbers, treeOf } from './json-tree.ts';
import type { TextMetric, TextRow } from './text-metric.ts';

export type ParsedRow = { readonly id: string; readonly row: TextRow } | { readonly problem: string };

const ID_PROBLEM = { error: 'id: expected a text that is not empty, or a number' };
const idSchema = z.union([z.string().min(1, ID_PROBLEM), z.number().transform(String)], ID_PROBLEM);
const listProblem = { error: 'references: expected a list with at least one entry' };
const textsSchema = z.object({
  id: idSchema,
  prediction: z.string('prediction: expected a text; write "" for no answer'),
  references: z.array(z.string('references: expected texts'), listProblem).min(1, listProblem),
});
const valuesSchema = z.object({ id: idSchema, prediction: z.unknown(), references: z.array(z.unknown(), listProblem).min(1, listProblem) });

function problemOf(error: z.core.$ZodError): string {
  return [
    ...new Set(error.issues.map(({ message, path }) => (path.length === 0 ? 'expected an object {id, prediction, references}' : message))),
  ].join('; ');
}

/** Deeper than any answer, and than a recursive walk should go. */
function isTooDeep(value: unknown, levels = MAX_DEPTH): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return levels === 0 || Object.values(value).some((inner) => isTooDeep(inner, levels - 1));
}

/** JSON with numbers as they are written, for ANLS*. The line has passed the schema. */
function valuesRow(line: string): TextRow {
  const { prediction, references } = keptSchema.parse(parseJsonKeepingNumbers(line));
  return { kind: 'tree', prediction: treeOf(prediction, false), references: references.map((reference) => treeOf(reference, true)) };
}
const keptSchema = z.object({ prediction: z.unknown(), references: z.array(z.unknown()) });

/** `metric` decides whether a row holds texts or structured values. */
export function parseRow(line: string, metric: Pick<TextMetric, 'reads'>): ParsedRow {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return { problem: 'is no JSON' };
  }
  if (metric.reads === 'texts') {
    const parsed = textsSchema.safeParse(value);
    if (!parsed.success) return { problem: problemOf(parsed.error) };
    const { id, prediction, references } = parsed.data;
    return { id, row: { kind: 'text', prediction, references } };
  }
  const parsed = valuesSchema.safeParse(value);
  if (!parsed.success) return { problem: problemOf(parsed.error) };
  if (isTooDeep(value)) return { problem: `nested more than ${MAX_DEPTH} deep` };
  try {
    return { id: parsed.data.id, row: valuesRow(line) };
  } catch (thrown) {
    if (thrown instanceof RangeError) return { problem: thrown.message };
    throw thrown;
  }
}
