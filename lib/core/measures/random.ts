/**
 * Published pseudo-random numbers for bootstraps: the same label gives the same stream on every machine. Used by
 * lib/core/measures only; not for secrets and not for sample seeds (lib/core/seed.ts).
 */
import { createHash } from 'node:crypto';

export interface RandomStream {
  /** Fills the target with integers in [0, 2^32). */
  readonly fill: (target: Uint32Array) => void;
  /** Fills the target with integers in [0, limit), limit at most 2^32; their bias is below limit / 2^32. */
  readonly fillBelow: (target: Uint32Array, limit: number) => void;
}

/**
 * xoshiro128** (Blackman and Vigna, 2018, public domain). Its state is the first 16 bytes of SHA-256 over the UTF-8 label, as four
 * big-endian words. Whole arrays are drawn at a time: state in local variables makes a draw three times as fast.
 */
export function createRandomStream(label: string): RandomStream {
  const digest = createHash('sha256').update(label, 'utf8').digest();
  const state = Int32Array.from([0, 4, 8, 12], (offset) => digest.readInt32BE(offset));
  const fill = (target: Uint32Array): void => {
    let [a = 0, b = 0, c = 0, d = 0] = state;
    for (let index = 0; index < target.length; index++) {
      const scrambled = Math.imul(b, 5);
      target[index] = Math.imul((scrambled << 7) | (scrambled >>> 25), 9);
      const shifted = b << 9;
      c ^= a;
      d ^= b;
      b ^= c;
      a ^= d;
      c ^= shifted;
      d = (d << 11) | (d >>> 21);
    }
    state.set([a, b, c, d]);
  };
  return {
    fill,
    fillBelow: (target, limit) => {
      fill(target);
      const scale = limit / 4294967296;
      for (let index = 0; index < target.length; index++) target[index] = (target[index] ?? 0) * scale;
    },
  };
}
