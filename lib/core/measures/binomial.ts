/**
 * Binomial tails in logarithms: exact sums of the probability mass, safe from underflow. Behind certified percentiles and the
 * order-statistic interval of a median.
 */

/** log(exp(a) + exp(b)). */
function logAdd(a: number, b: number): number {
  if (a === Number.NEGATIVE_INFINITY) return b;
  return a > b ? a + Math.log1p(Math.exp(b - a)) : b + Math.log1p(Math.exp(a - b));
}

/**
 * The largest k >= 0 with P(Binomial(n, q) <= k) < bound, or null where even k = 0 reaches the bound. 0 < q < 1. Sums the mass
 * upwards from 0, so it takes as many steps as its answer.
 */
export function largestCountBelow(n: number, q: number, bound: number): number | null {
  const logOdds = Math.log(q) - Math.log1p(-q);
  const logBound = Math.log(bound);
  let logMass = n * Math.log1p(-q);
  let logSum = logMass;
  if (!(logSum < logBound)) return null;
  let count = 0;
  while (count < n) {
    logMass += Math.log((n - count) / (count + 1)) + logOdds;
    logSum = logAdd(logSum, logMass);
    if (!(logSum < logBound)) break;
    count++;
  }
  return count;
}

/** log P(Binomial(n, q) <= k), 0 < q < 1; 0 <= k <= n. */
export function logBinomialCdf(k: number, n: number, q: number): number {
  const logOdds = Math.log(q) - Math.log1p(-q);
  let logMass = n * Math.log1p(-q);
  let logSum = logMass;
  for (let count = 0; count < k; count++) {
    logMass += Math.log((n - count) / (count + 1)) + logOdds;
    logSum = logAdd(logSum, logMass);
  }
  return Math.min(0, logSum);
}
