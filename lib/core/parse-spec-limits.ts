/** Checks the limits of a spec: above zero, none longer than a week, in order. Called by parse-spec.ts with those whose shape is sound. */
import { durationMs, type Spec } from './spec.ts';
import { describeValue, type ProblemDraft } from './spec-problem.ts';

/** A week: the longest time that a spec may name. */
export const MAX_LIMIT_MS = 168 * 3_600_000;

export function checkLimits(limits: Spec['limits'], problems: ProblemDraft[]): void {
  for (const key of ['ready', 'sample', 'job'] as const) {
    const ms = durationMs(limits[key]);
    if (ms === 0)
      problems.push({ code: 'limit-is-zero', path: ['limits', key], seen: describeValue(limits[key]), expected: 'more than 0' });
    if (ms > MAX_LIMIT_MS)
      problems.push({ code: 'limit-too-long', path: ['limits', key], seen: describeValue(limits[key]), expected: 'at most 168h' });
  }
  if (durationMs(limits.sample) > durationMs(limits.job)) {
    problems.push({
      code: 'limits-out-of-order',
      path: ['limits', 'sample'],
      seen: `sample ${limits.sample}, job ${limits.job}`,
      expected: 'sample at most job',
    });
  }
}
