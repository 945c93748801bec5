/**
 * The standard normal distribution: its cumulative distribution and its quantiles, to double precision. Used by the intervals.
 */

const SQRT_TWO_PI = Math.sqrt(2 * Math.PI);

/** P(Z <= x). Power series up to |x| = 3, Laplace's continued fraction beyond (Abramowitz and Stegun 26.2.11 and 26.2.14). */
export function normalCdf(x: number): number {
  if (Number.isNaN(x)) return Number.NaN;
  const size = Math.abs(x);
  if (size > 38.5) return x < 0 ? 0 : 1;
  const density = Math.exp((-x * x) / 2) / SQRT_TWO_PI;
  if (size <= 3) {
    let term = x;
    let sum = x;
    for (let k = 3; Math.abs(term) > Math.abs(sum) * 1e-17; k += 2) {
      term *= (x * x) / k;
      sum += term;
    }
    return 0.5 + density * sum;
  }
  let fraction = 0;
  for (let k = 120; k >= 1; k--) fraction = k / (size + fraction);
  const tail = density / (size + fraction);
  return x < 0 ? tail : 1 - tail;
}

function polynomial(coefficients: readonly number[], x: number): number {
  let sum = 0;
  for (let i = coefficients.length - 1; i >= 0; i--) sum = sum * x + (coefficients[i] ?? 0);
  return sum;
}

/** Numerators and denominators of the three rational approximations of algorithm AS 241, PPND16 (Wichura, 1988), constant term first. */
const CENTRE = [
  [
    3.3871328727963665, 133.14166789178438, 1971.5909503065513, 13731.69376550946, 45921.95393154987, 67265.7709270087, 33430.57558358813,
    2509.0809287301227,
  ],
  [
    1, 42.31333070160091, 687.1870074920579, 5394.196021424751, 21213.794301586597, 39307.89580009271, 28729.085735721943,
    5226.495278852854,
  ],
] as const;
const SHOULDER = [
  [
    1.4234371107496835, 4.630337846156546, 5.769497221460691, 3.6478483247632045, 1.2704582524523684, 0.2417807251774506,
    0.022723844989269184, 0.0007745450142783414,
  ],
  [
    1, 2.053191626637759, 1.6763848301838038, 0.6897673349851, 0.14810397642748008, 0.015198666563616457, 0.0005475938084995345,
    1.0507500716444169e-9,
  ],
] as const;
const TAIL = [
  [
    6.657904643501103, 5.463784911164114, 1.7848265399172913, 0.29656057182850487, 0.026532189526576124, 0.0012426609473880784,
    2.7115555687434876e-5, 2.0103343992922881e-7,
  ],
  [
    1, 0.599832206555888, 0.1369298809227358, 0.014875361290850615, 0.0007868691311456133, 1.8463183175100548e-5, 1.421511758316446e-7,
    2.0442631033899397e-15,
  ],
] as const;

/** The z with P(Z <= z) = p; -Infinity at 0 and Infinity at 1. Relative error about 1e-16 (AS 241). */
export function normalQuantile(p: number): number {
  if (!(p >= 0 && p <= 1)) return Number.NaN;
  if (p === 0 || p === 1) return p === 0 ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  const centred = p - 0.5;
  if (Math.abs(centred) <= 0.425) {
    const r = 0.180625 - centred * centred;
    return (centred * polynomial(CENTRE[0], r)) / polynomial(CENTRE[1], r);
  }
  const root = Math.sqrt(-Math.log(centred < 0 ? p : 1 - p));
  const [numerator, denominator, r] = root <= 5 ? [...SHOULDER, root - 1.6] : [...TAIL, root - 5];
  const size = polynomial(numerator, r) / polynomial(denominator, r);
  return centred < 0 ? -size : size;
}
