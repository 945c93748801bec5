/**
 * Published pseudo-random numbers for bootstraps: the same label gives the same stream on every machine. Used by
 * lib/core/measures only; not for secrets and not for sample seeds (lib/core/seed.ts).
 */
import { createHash } from 'node:crypto';

export interface RandomStream {
  /** An integer in [0, 2^32). */
  readonly nextUint32: () => number;
  /** An integer in [0, limit), limit at most 2^32; its bias is below limit / 2^32. */
  readonly below: (limit: number) => number;
}

/**
 * xoshiro128** (Blackman and Vigna, 2018, public domain). Its state is the first 16 bytes of SHA-256 over the UTF-8 label, as four
 * big-endian words.
 */
export function createRandomStream(label: string): RandomStream {
  const digest = createHash('sha256').update(label, 'utf8').digest();
  let a = digest.readInt32BE(0);
  let b = digest.readInt32BE(4);
  let c = digest.readInt32BE(8);
  let d = digest.readInt32BE(12);
  const nextUint32 = (): number => {
    const scrambled = Math.imul(b, 5);
    const result = Math.imul((scrambled << 7) | (scrambled >>> 25), 9) >>> 0;
    const shifted = b << 9;
    c ^= a;
    d ^= b;
    b ^= c;
    a ^= d;
    c ^= shifted;
    d = (d << 11) | (d >>> 21);
    return result;
  };
  return { nextUint32, below: (limit) => Math.floor((nextUint32() / 4294967296) * limit) };
}
