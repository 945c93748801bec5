/**
 * Where a sample's randomness comes from: the seed that every model receives, and the one permutation in which items go out.
 * Both follow from the spec's seed and the item's id alone. Test vector: docs/how-samples-are-identified.md.
 */
import { createHash } from 'node:crypto';
import { sha256Hex } from './canonical-json.ts';

/** Repeats from here on belong to warm-up samples: no measured sample shares a seed with one. */
const WARMUP_REPEAT_BASE = 1_000_000;

/** The top 31 bits, big-endian, of SHA-256("<specSeed>/<itemId>/<repeat>"): equal for every model. */
export function sampleSeed(specSeed: number, itemId: string, repeat: number): number {
  return createHash('sha256').update(`${specSeed}/${itemId}/${repeat}`).digest().readUInt32BE(0) >>> 1;
}

/** Seed of the warm-up sample `warmup-<index>`, which sends `itemId`. */
export function warmupSeed(specSeed: number, itemId: string, index: number): number {
  return sampleSeed(specSeed, itemId, WARMUP_REPEAT_BASE + index);
}

/** The items in order of issue: sorted by SHA-256("<specSeed>/order/<itemId>"), equal for all jobs, so an early stop is a fair sample. */
export function orderOfIssue<T extends { readonly id: string }>(items: readonly T[], specSeed: number): T[] {
  const keyed = items.map((item) => ({ item, key: sha256Hex(`${specSeed}/order/${item.id}`) }));
  keyed.sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0));
  return keyed.map(({ item }) => item);
}
