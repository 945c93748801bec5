/** Cholesky's factorisation of a symmetric positive definite matrix (row by row, in place), with solving and inverting. For bradley-terry.ts. */

/** Overwrites the lower triangle with L of L Lᵀ; false where the matrix is not positive definite in double precision. */
export function factorise(matrix: Float64Array, n: number): boolean {
  for (let i = 0; i < n; i++) {
    const rowI = i * n;
    for (let j = 0; j <= i; j++) {
      const rowJ = j * n;
      let sum = matrix[rowI + j] ?? 0;
      for (let k = 0; k < j; k++) sum -= (matrix[rowI + k] ?? 0) * (matrix[rowJ + k] ?? 0);
      if (i !== j) matrix[rowI + j] = sum / (matrix[rowJ + j] ?? 1);
      else if (!(sum > 0)) return false;
      else matrix[rowI + i] = Math.sqrt(sum);
    }
  }
  return true;
}

/** x of L Lᵀ x = b. */
export function solve(factor: Float64Array, n: number, b: Float64Array): Float64Array {
  const x = b.slice();
  for (let i = 0; i < n; i++) {
    let sum = x[i] ?? 0;
    for (let k = 0; k < i; k++) sum -= (factor[i * n + k] ?? 0) * (x[k] ?? 0);
    x[i] = sum / (factor[i * n + i] ?? 1);
  }
  for (let i = n - 1; i >= 0; i--) {
    const value = (x[i] ?? 0) / (factor[i * n + i] ?? 1);
    x[i] = value;
    for (let k = 0; k < i; k++) x[k] = (x[k] ?? 0) - (factor[i * n + k] ?? 0) * value;
  }
  return x;
}

/** The inverse of L Lᵀ. */
export function invert(factor: Float64Array, n: number): Float64Array {
  const inverse = new Float64Array(n * n);
  const unit = new Float64Array(n);
  for (let column = 0; column < n; column++) {
    unit.fill(0);
    unit[column] = 1;
    inverse.set(solve(factor, n, unit), column * n);
  }
  return inverse;
}
