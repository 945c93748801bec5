/**
 * From the text of a file of gates to rules, or to all of its problems at once with their places. Pure and total: it never throws.
 * Called by `bakeoff gate` and by the route that judges; which metrics a run has is judged later.
 */
import { nearestName } from '../nearest-name.ts';
import { readSpecDocument } from '../parse-spec-document.ts';
import { shapeProblems } from '../parse-spec-shape.ts';
import { writtenGateSchema } from '../spec.ts';
import { type ProblemDraft, problemAt, type SpecProblem } from '../spec-problem.ts';
import { type Gate, gateFileSchema, gateOf } from './gate-rule.ts';
import { ruleProblems, soundGates } from './rule-problems.ts';

export type ParsedGates =
  | { readonly ok: true; readonly gates: readonly Gate[] }
  | { readonly ok: false; readonly problems: readonly SpecProblem[] };

export function parseGates(input: string | Uint8Array): ParsedGates {
  const document = readSpecDocument(input);
  const parsed = gateFileSchema.safeParse(document.data);
  const drafts =
    document.data === undefined
      ? []
      : [
          ...(parsed.success ? [] : shapeOf(document.data, parsed.error.issues)),
          ...soundGates(listOf(document.data)).flatMap((placed) => ruleProblems(placed)),
        ];
  const problems = [
    ...document.problems.map(({ draft, position }) => problemAt(draft, position)),
    ...drafts.map((draft) => problemAt(draft, document.positionOf(draft.path, draft.atKey === true))),
  ].sort((a, b) => a.line - b.line || a.column - b.column);
  if (parsed.success && problems.length === 0) return { ok: true, gates: parsed.data.gates.map(gateOf) };
  return { ok: false, problems };
}

/** The keys that a rule may have are not those of a spec: names near to an unknown one are found here. */
function shapeOf(data: unknown, issues: Parameters<typeof shapeProblems>[1]): ProblemDraft[] {
  return shapeProblems(data, issues).map((draft) => {
    if (draft.code !== 'unknown-key') return draft;
    const known = draft.path.length === 1 ? ['gates'] : Object.keys(writtenGateSchema.shape);
    return { ...draft, expected: `one of ${known.join(', ')}`, nearest: nearestName(String(draft.path.at(-1)), known) };
  });
}

function listOf(data: unknown): unknown {
  return typeof data === 'object' && data !== null && 'gates' in data ? data.gates : [];
}
