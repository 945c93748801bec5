/** What one answer of the API compares: every comparison draws a bootstrap, and API Gateway waits 30 s. Used by the routes that compare. */
import type { ComparisonBounds } from '../workflow/compare-runs.ts';

export const ANSWER_BOUNDS: ComparisonBounds = { pairs: 50, samples: 200_000 };
