/** Seeds, the order of issue and job ids: the documented examples are executed, the rest are properties. */
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { jobIdOf } from '../../lib/core/job-id.ts';
import { orderOfIssue, sampleSeed, warmupSeed } from '../../lib/core/seed.ts';

const page = readFileSync('docs/how-samples-are-identified.md', 'utf8');

const seedRows = [...page.matchAll(/^\| (\d+) \| `([^`]+)` \| (\d+) \| (\d+) \|$/gm)].map(([, seed, item, repeat, expected]) => ({
  seed: Number(seed),
  item: item ?? '',
  repeat: Number(repeat),
  expected: Number(expected),
}));

const orderRows = [...page.matchAll(/^\| (\d+) \| `([a-z ]+)` \| `([a-z ]+)` \|$/gm)].map(([, seed, items, order]) => ({
  seed: Number(seed),
  items: items ?? '',
  order: order ?? '',
}));

describe('the documented test vector', () => {
  test('has rows', () => {
    expect(seedRows.length).toBe(6);
    expect(orderRows.length).toBe(2);
  });

  test.each(seedRows)('seed $seed, item $item, repeat $repeat gives $expected', ({ seed, item, repeat, expected }) => {
    expect(sampleSeed(seed, item, repeat)).toBe(expected);
  });

  test.each(orderRows)('seed $seed orders $items as $order', ({ seed, items, order }) => {
    const issued = orderOfIssue(
      items.split(' ').map((id) => ({ id })),
      seed,
    );
    expect(issued.map(({ id }) => id).join(' ')).toBe(order);
  });

  test('the job id of the page is the one that is made', () => {
    const made = jobIdOf({ model: 'ridge', digest: '0'.repeat(64), protocol: 'native', params: { solver: 'cholesky', alpha: 0.5 } });
    expect(page).toContain(`\`${made}\``);
  });
});

test('a warm-up has a seed that no measured sample of its item has', () => {
  const measured = new Set(Array.from({ length: 1000 }, (_, repeat) => sampleSeed(7, 'item', repeat)));
  const warmups = Array.from({ length: 20 }, (_, index) => warmupSeed(7, 'item', index));
  expect(warmups.filter((seed) => measured.has(seed))).toEqual([]);
  expect(warmupSeed(42, 'clip-0001', 0)).toBe(488095572);
});

test('seeds are 31-bit whole numbers', () => {
  fc.assert(
    fc.property(fc.nat(), fc.string(), fc.nat(), (seed, item, repeat) => {
      const made = sampleSeed(seed, item, repeat);
      return Number.isInteger(made) && made >= 0 && made < 2 ** 31;
    }),
  );
});

test('the order of issue is a permutation that does not depend on the order given', () => {
  const ids = fc.uniqueArray(fc.stringMatching(/^[a-z0-9]{1,8}$/), { maxLength: 60 });
  fc.assert(
    fc.property(ids, fc.nat(), (given, seed) => {
      const order = orderOfIssue(
        given.map((id) => ({ id })),
        seed,
      ).map(({ id }) => id);
      const again = orderOfIssue(
        given.toReversed().map((id) => ({ id })),
        seed,
      ).map(({ id }) => id);
      expect(order.toSorted()).toEqual(given.toSorted());
      expect(again).toEqual(order);
    }),
  );
});

test('job ids fit into 64 characters and differ with every part of the identity', () => {
  const identity = { model: 'm'.repeat(64), digest: 'a'.repeat(64), protocol: 'native', params: { steps: 1 } };
  const ids = [
    jobIdOf(identity),
    jobIdOf({ ...identity, model: 'n'.repeat(64) }),
    jobIdOf({ ...identity, digest: 'b'.repeat(64) }),
    jobIdOf({ ...identity, protocol: 'openai-chat' }),
    jobIdOf({ ...identity, params: { steps: 2 } }),
  ];
  expect(new Set(ids).size).toBe(5);
  expect(ids.every((id) => id.length <= 64)).toBe(true);
});
