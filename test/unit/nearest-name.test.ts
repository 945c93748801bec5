/** "Did you mean …": near enough to help, never far enough to mislead. */
import { expect, test } from 'vitest';
import { editDistance, nearestName } from '../../lib/core/nearest-name.ts';

test.each([
  ['', '', 0],
  ['abc', 'abc', 0],
  ['abc', 'abd', 1],
  ['abc', 'acb', 1],
  ['abc', '', 3],
  ['kitten', 'sitting', 3],
])('%s and %s are %i edits apart', (a, b, distance) => {
  expect(editDistance(a, b)).toBe(distance);
});

test.each([
  ['pokcet-t2v', 'pocket-t2v'],
  ['RIDGE', 'ridge'],
  ['ridg', 'ridge'],
  ['zebra', null],
  ['', null],
  ['x'.repeat(5000), null],
])('the name nearest to %s is %s', (seen, nearest) => {
  expect(nearestName(seen, ['ridge', 'pocket-t2v', 'oracle-t2v'])).toBe(nearest);
});
