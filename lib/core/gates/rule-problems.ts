/** What the keys of one gate must be to each other, whatever the run: the part that a spec and a file of gates have in common. Pure. */
import { nearestName } from '../nearest-name.ts';
import { type WrittenGate, writtenGateSchema } from '../spec.ts';
import { describeValue, type PathStep, type ProblemDraft } from '../spec-problem.ts';
import { LOAD_METRICS, loadMetricNames } from './load-metrics.ts';

/** A rule with its place in the list. */
export interface PlacedGate {
  readonly index: number;
  readonly gate: WrittenGate;
}

/** The rules of a list whose own shape is sound; the others are told by the schema. */
export function soundGates(list: unknown): PlacedGate[] {
  if (!Array.isArray(list)) return [];
  return list.flatMap((entry: unknown, index) => {
    const parsed = writtenGateSchema.safeParse(entry);
    return parsed.success ? [{ index, gate: parsed.data }] : [];
  });
}

export function ruleProblems({ gate, index }: PlacedGate): ProblemDraft[] {
  const path = ['gates', index];
  return [...kindProblems(gate, path), ...loadProblems(gate, path)];
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

function loadProblems({ metric, maxRegression }: WrittenGate, path: PathStep[]): ProblemDraft[] {
  const expected = loadMetricNames(metric);
  if (expected === null) return [];
  if (!LOAD_METRICS.has(metric)) {
    const nearest = nearestName(metric, [...LOAD_METRICS.keys()]);
    return [{ code: 'invalid-metric-name', path: [...path, 'metric'], seen: describeValue(metric), expected, nearest }];
  }
  return maxRegression === 'significant' ? [notPaired(path, 'a figure of load is one number of a job')] : [];
}

/** For a metric without a value for each sample. */
export function notPaired(path: readonly PathStep[], why: string): ProblemDraft {
  return {
    code: 'not-one-of',
    path: [...path, 'maxRegression'],
    seen: '"significant"',
    expected: 'a share such as 10%, or a number in the unit of the metric',
    detail: `${why}, which no pairing by sample can compare`,
  };
}
