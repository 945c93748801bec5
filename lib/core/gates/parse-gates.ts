/**
 * From the text of a file of gates to rules, or to all of its problems at once with their places. Pure and total: it never throws.
 * Called by `bakeoff gate`; which metrics a run has is judged later.
 */
import { nearestName } from '../nearest-name.ts';
import { readSpecDocument } from '../parse-spec-document.ts';
import { shapeProblems } from '../parse-spec-shape.ts';
import { describeValue, type PathStep, type ProblemDraft, problemAt, type SpecProblem } from '../spec-problem.ts';
import { type AllowedRegression, type Gate, gateFileSchema, gateSchema, LATENCY_GATES, type WrittenGate } from './gate-rule.ts';

export type ParsedGates =
  | { readonly ok: true; readonly gates: readonly Gate[] }
  | { readonly ok: false; readonly problems: readonly SpecProblem[] };

export function parseGates(input: string | Uint8Array): ParsedGates {
  const document = readSpecDocument(input);
  const parsed = gateFileSchema.safeParse(document.data);
  const drafts =
    document.data === undefined
      ? []
      : [...(parsed.success ? [] : shapeOf(document.data, parsed.error.issues)), ...ruleProblems(document.data)];
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
    const known = draft.path.length === 1 ? ['gates'] : Object.keys(gateSchema.shape);
    return { ...draft, expected: `one of ${known.join(', ')}`, nearest: nearestName(String(draft.path.at(-1)), known) };
  });
}

/** What a rule's keys must be to each other, for every rule whose own shape is sound. */
function ruleProblems(data: unknown): ProblemDraft[] {
  const list = typeof data === 'object' && data !== null && 'gates' in data && Array.isArray(data.gates) ? data.gates : [];
  return list.flatMap((entry: unknown, index: number) => {
    const gate = gateSchema.safeParse(entry);
    return gate.success ? [...kindProblems(gate.data, ['gates', index]), ...latencyProblems(gate.data, ['gates', index])] : [];
  });
}

function kindProblems({ min, max, baseline, maxRegression }: WrittenGate, path: PathStep[]): ProblemDraft[] {
  const isBound = min !== undefined || max !== undefined;
  if (!isBound && maxRegression === undefined) return [{ code: 'missing-key', path, expected: 'min, max or maxRegression' }];
  if (isBound && maxRegression !== undefined) {
    const detail = 'a gate is a bound or a regression; write two';
    return [{ code: 'unknown-key', path: [...path, 'maxRegression'], seen: '"maxRegression"', detail, atKey: true }];
  }
  if (isBound && baseline !== undefined) {
    const detail = 'a bound has no baseline';
    return [{ code: 'unknown-key', path: [...path, 'baseline'], seen: '"baseline"', detail, atKey: true }];
  }
  if (min === undefined || max === undefined || min <= max) return [];
  return [{ code: 'number-too-large', path: [...path, 'min'], seen: describeValue(min), expected: `at most max, ${max}` }];
}

function latencyProblems({ metric, maxRegression }: WrittenGate, path: PathStep[]): ProblemDraft[] {
  if (!metric.startsWith('latency.')) return [];
  if (!LATENCY_GATES.includes(metric)) {
    const expected = 'latency.p50, p90, p95, p99 or p99.9, and .empirical or .certified';
    const nearest = nearestName(metric, LATENCY_GATES);
    return [{ code: 'invalid-metric-name', path: [...path, 'metric'], seen: describeValue(metric), expected, nearest }];
  }
  if (maxRegression !== 'significant') return [];
  const detail = 'a percentile is one number of a job, which no pairing by sample can compare';
  return [
    {
      code: 'not-one-of',
      path: [...path, 'maxRegression'],
      seen: '"significant"',
      expected: 'a share such as 10%, or milliseconds',
      detail,
    },
  ];
}

function gateOf(written: WrittenGate): Gate {
  const { metric, baseline = 'latest', maxRegression } = written;
  const model = written.model ?? null;
  if (maxRegression === undefined) return { kind: 'bound', metric, model, min: written.min ?? null, max: written.max ?? null };
  return { kind: 'regression', metric, model, baseline, allowed: allowedOf(maxRegression) };
}

function allowedOf(written: number | string): AllowedRegression {
  if (typeof written === 'number') return { kind: 'absolute', amount: written };
  return written === 'significant' ? { kind: 'significant' } : { kind: 'relative', share: Number.parseFloat(written) / 100 };
}
