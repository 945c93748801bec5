/**
 * How many samples a question needs, and what a number of samples can answer: planning before, honesty after. Means are compared by t tests,
 * whose sizes are the normal ones plus Guenther's correction (The American Statistician 35, 1981); shares as MLPerf plans them.
 */
import { normalQuantile } from './normal.ts';

export const DEFAULT_POWER = 0.8;

export interface TestOptions {
  /** 0.95: a test at 5 %, two-sided. */
  readonly confidence: number;
  /** The chance to find a difference that is there. */
  readonly power: number;
}

/**
 * - `paired`: the numbers are differences of pairs; their mean against 0.
 * - `independent`: two sets of equal size and spread; their means against each other.
 */
export type Design = 'paired' | 'independent';

const GROUPS = { paired: 1, independent: 2 } as const;

/** What is added to the normal size, for the t test's unknown spread: z² / 2 for one mean, z² / 4 in each of two groups. */
function correction(design: Design, confidence: number): number {
  return normalQuantile(0.5 + confidence / 2) ** 2 / (2 * GROUPS[design]);
}

function sumOfQuantiles({ confidence, power }: TestOptions): number {
  return normalQuantile(0.5 + confidence / 2) + normalQuantile(power);
}

/**
 * The smallest true difference that n samples (in each group) of this standard deviation find with the wanted power:
 * (z_c + z_p) * sd * sqrt(groups / (n - correction)). Null where n is too small for the formula.
 */
export function resolvableDifference(n: number, sd: number, design: Design, options: TestOptions): number | null {
  const effective = n - correction(design, options.confidence);
  return effective > 1 ? sumOfQuantiles(options) * sd * Math.sqrt(GROUPS[design] / effective) : null;
}

/** Samples (in each group) that find a true difference with the wanted power; the inverse of resolvableDifference, rounded up. */
export function requiredForDifference(difference: number, sd: number, design: Design, options: TestOptions): number {
  const normal = GROUPS[design] * ((sumOfQuantiles(options) * sd) / difference) ** 2;
  return Math.max(2, Math.ceil(normal + correction(design, options.confidence)));
}

/** Samples for an interval of a mean of `halfWidth` to each side: (z * sd / halfWidth)² + z² / 2, rounded up. */
export function requiredForHalfWidth(halfWidth: number, sd: number, confidence: number): number {
  const z = normalQuantile(0.5 + confidence / 2);
  return Math.max(2, Math.ceil(((z * sd) / halfWidth) ** 2 + correction('paired', confidence)));
}

/**
 * Samples that place a share of `share` within `margin` to each side: z² * share * (1 - share) / margin², to the nearest whole number
 * (MLPerf inference policies, "Number of queries").
 */
export function requiredForMargin(share: number, margin: number, confidence: number): number {
  const z = normalQuantile(0.5 + confidence / 2);
  return Math.round((z * z * share * (1 - share)) / (margin * margin));
}
