/** Problem details (RFC 9457): the body of every answer that is not a success. */
import { z } from 'zod';
import { PROBLEM_KINDS, type ProblemCode } from '../../core/spec-problem.ts';

const PROBLEM_CODES = Object.keys(PROBLEM_KINDS).filter((code): code is ProblemCode => code in PROBLEM_KINDS);

export const specProblemSchema = z
  .object({
    code: z.enum(PROBLEM_CODES),
    /** For example `models[1].params.steps`; empty for the whole document. */
    path: z.string(),
    line: z.int().positive(),
    column: z.int().positive(),
    seen: z.string().nullable(),
    expected: z.string().nullable(),
    message: z.string(),
    nearest: z.string().nullable(),
    remedy: z.string(),
  })
  .meta({ id: 'SpecProblem', description: 'One problem of a spec, at its place in the document; lines and columns count from 1.' });

export const problemSchema = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.int().min(400).max(599),
    detail: z.string(),
    /** Kebab-case and stable: branch on this. */
    code: z.string(),
    /** An imperative sentence. */
    remedy: z.string(),
    /** `urn:bakeoff:request:<request id>`: what to look for in the logs. */
    instance: z.string(),
    /** All problems of a spec that was refused. */
    problems: z.array(specProblemSchema).optional(),
  })
  .meta({ id: 'Problem', description: 'What went wrong (RFC 9457), with a stable code and what to do about it.' });
export type Problem = z.infer<typeof problemSchema>;
