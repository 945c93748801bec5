/** The problems of a rejected spec as an object beside the run: written by launch, read by the API and by a repeated delivery. */
import { z } from 'zod';
import { keys } from '../core/object-key.ts';
import type { ObjectStore } from '../core/ports.ts';
import { PROBLEM_KINDS, type ProblemCode, type SpecProblem } from '../core/spec-problem.ts';
import { readJsonObject } from './read-json-object.ts';

const problemSchema = z.object({
  code: z.custom<ProblemCode>((code) => typeof code === 'string' && Object.hasOwn(PROBLEM_KINDS, code)),
  path: z.string(),
  line: z.int(),
  column: z.int(),
  seen: z.string().nullable(),
  expected: z.string().nullable(),
  message: z.string(),
  nearest: z.string().nullable(),
  remedy: z.string(),
});
const problemsSchema = z.object({ schema: z.literal(1), problems: z.array(problemSchema) });

export async function writeProblems(objects: ObjectStore, runId: string, problems: readonly SpecProblem[]): Promise<void> {
  await objects.put(keys.problems(runId), `${JSON.stringify({ schema: 1, problems }, null, 1)}\n`);
}

/** Throws `object-missing` where the run was not rejected. */
export async function readProblems(objects: ObjectStore, runId: string): Promise<readonly SpecProblem[]> {
  return (await readJsonObject(objects, keys.problems(runId), problemsSchema)).problems;
}
