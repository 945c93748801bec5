/** The badge of a check: what it says follows from the rules, and it never shines without any. */
import { expect, test } from 'vitest';
import { badgeOf } from '../../lib/conformance/badge.ts';
import type { CheckedRule } from '../../lib/conformance/check-server.ts';

const rule = (outcome: CheckedRule['outcome']): CheckedRule => ({ id: 'a', title: 'a', outcome, seen: 'b', remedy: 'C.' });

test.each([
  [['passed', 'passed', 'skipped'], '2 rules hold', 'brightgreen'],
  [['passed', 'failed', 'skipped'], '1 of 2 rules broken', 'red'],
  [['skipped'], 'not judged', 'lightgrey'],
  [[], 'not judged', 'lightgrey'],
] as const)('%j: %s, %s', (outcomes, message, color) => {
  expect(badgeOf(outcomes.map(rule))).toEqual({ schemaVersion: 1, label: 'bakeoff conformance', message, color });
});
