/**
 * The maximum-likelihood strengths of Bradley and Terry (Biometrika 39, 1952): P(i beats j) = s_i / (s_i + s_j). Fitted by Newton's method
 * on log strengths, with their covariance. Pure; battle-table.ts has checked that the strengths exist.
 */
import { BakeoffError } from '../errors.ts';
import { factorise, invert, solve } from './cholesky.ts';
import type { WinMatrix } from './connectivity.ts';

export interface BradleyTerryFit {
  /** Natural logarithms of the strengths; they sum up to 0, so that the geometric mean of the strengths is 1. */
  readonly logStrengths: Float64Array;
  /** Covariance of the log strengths: the inverse of the observed information within their sum of 0. Row by row. */
  readonly covariance: Float64Array;
  readonly iterations: number;
  /** Largest Newton step, in log strength, that is left to do at the answer: how far off it is. */
  readonly lastStep: number;
  /** Largest |expected wins - wins| over a model's comparisons: 0 at the maximum. */
  readonly gradient: number;
}

export const TOLERANCE = 1e-10;
/** The log strength that a step can add is about 1 far from the maximum; more than this is a table that no double can fit. */
const MAX_ITERATIONS = 500;

/**
 * Steps d = H⁻¹ g, shortened to ln(1 + r) / r of their length, r being the largest difference within d: along d no curvature grows faster
 * than e^(r t), so that each step raises the likelihood, from any start, and close to the maximum the steps become Newton's own
 * (quadratic). Ends when the whole step left is below 1e-10; throws `fit-not-converged` when rounding does not let it come so far.
 */
export function fitBradleyTerry(matrix: WinMatrix): BradleyTerryFit {
  const n = matrix.models.length;
  const logStrengths = new Float64Array(n);
  const hessian = new Float64Array(n * n);
  for (let iteration = 0; iteration <= MAX_ITERATIONS; iteration++) {
    const { gradient, relative, shift } = derivatives(matrix.wins, logStrengths, hessian);
    if (!factorise(hessian, n)) break;
    const step = centred(solve(hessian, n, gradient));
    const lastStep = step.reduce((largest, value) => Math.max(largest, Math.abs(value)), 0);
    if (lastStep < TOLERANCE && relative < TOLERANCE) {
      const covariance = invert(hessian, n).map((value) => value - 1 / (n * n * shift));
      return { logStrengths, covariance, iterations: iteration, lastStep, gradient: relative };
    }
    const range = rangeOf(step);
    const length = range > 1e-9 ? Math.log1p(range) / range : 1;
    for (let model = 0; model < n; model++) logStrengths[model] = (logStrengths[model] ?? 0) + length * (step[model] ?? 0);
  }
  throw new BakeoffError({
    code: 'fit-not-converged',
    message: `the strengths did not settle to within ${TOLERANCE} of log strength`,
    remedy: 'Look for counts that differ by many orders of magnitude; leave out models that almost never won or lost.',
  });
}

/** The largest difference between two entries. */
function rangeOf(values: Float64Array): number {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const value of values) {
    if (value < low) low = value;
    if (value > high) high = value;
  }
  return high - low;
}

interface Derivatives {
  readonly gradient: Float64Array;
  /** Largest entry of the gradient over the comparisons of its model. */
  readonly relative: number;
  /** Added to the Hessian as shift x 11ᵀ: it lifts the direction in which all strengths grow alike, and changes no other. */
  readonly shift: number;
}

/** Gradient of the log likelihood, and into `hessian` the negative of its second derivatives, lifted by the shift. */
function derivatives(wins: Float64Array, logStrengths: Float64Array, hessian: Float64Array): Derivatives {
  const n = logStrengths.length;
  const gradient = new Float64Array(n);
  const played = new Float64Array(n);
  hessian.fill(0);
  let trace = 0;
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < i; j++) {
      const [won, lost] = [wins[i * n + j] ?? 0, wins[j * n + i] ?? 0];
      const games = won + lost;
      if (games === 0) continue;
      const { chance, other } = chances((logStrengths[i] ?? 0) - (logStrengths[j] ?? 0));
      const surplus = won * other - lost * chance;
      const curvature = games * chance * other;
      gradient[i] = (gradient[i] ?? 0) + surplus;
      gradient[j] = (gradient[j] ?? 0) - surplus;
      played[i] = (played[i] ?? 0) + games;
      played[j] = (played[j] ?? 0) + games;
      hessian[i * n + i] = (hessian[i * n + i] ?? 0) + curvature;
      hessian[j * n + j] = (hessian[j * n + j] ?? 0) + curvature;
      hessian[i * n + j] = -curvature;
      hessian[j * n + i] = -curvature;
      trace += 2 * curvature;
    }
  }
  const shift = trace / (n * n);
  for (let cell = 0; cell < hessian.length; cell++) hessian[cell] = (hessian[cell] ?? 0) + shift;
  const relative = gradient.reduce((largest, value, model) => Math.max(largest, Math.abs(value) / (played[model] || 1)), 0);
  return { gradient, relative, shift };
}

/** P(i beats j) and P(j beats i), both without cancellation. */
function chances(difference: number): { readonly chance: number; readonly other: number } {
  const small = Math.exp(-Math.abs(difference));
  const [more, less] = [1 / (1 + small), small / (1 + small)];
  return difference >= 0 ? { chance: more, other: less } : { chance: less, other: more };
}

function centred(values: Float64Array): Float64Array {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return values.map((value) => value - mean);
}
