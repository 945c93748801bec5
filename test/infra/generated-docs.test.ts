/** The committed documents of the infrastructure are those that the code makes. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, test } from 'vitest';
import { AwsSolutionsChecks } from 'cdk-nag';
import { ACKNOWLEDGED } from '../../lib/infra/acknowledged.ts';
import { covers } from '../../lib/infra/acknowledging.ts';
import { parseDeploymentSettings } from '../../lib/infra/deployment-settings.ts';
import { EXAMPLE, infraDocs } from '../../lib/infra/generate-docs.ts';
import { goldenTemplates } from './golden-templates.ts';
import { ownViolations } from './own-violations.ts';
import { place, root } from './synth-fixture.ts';

test.each([...infraDocs([...goldenTemplates().values()])])('%s is up to date: run "npm run schema"', (path, content) => {
  expect(readFileSync(join(root, path), 'utf8')).toBe(content);
});

test.each([...goldenTemplates()])(
  '%s is what is synthesised: look at the difference, then run "node test/infra/write-golden.ts"',
  (path, content) => {
    expect(readFileSync(join(root, path), 'utf8')).toBe(content);
  },
);

test('the example in docs/deployment-settings.md is valid', () => {
  expect(parseDeploymentSettings(EXAMPLE).fleet[0]?.name).toBe('l4');
});

describe('the acknowledged findings', () => {
  const placed = place();
  const violations = [...new AwsSolutionsChecks(placed.app).validateScope(placed.app).violations, ...ownViolations(placed)];
  const found = violations.flatMap(({ ruleName, violatingResources }) =>
    violatingResources.map(({ constructPath = '' }) => ({ ruleName, path: constructPath })),
  );

  it.each(ACKNOWLEDGED)('$rule at $where is still needed', (entry) => {
    expect(found.some(({ ruleName, path }) => covers(entry, ruleName, path))).toBe(true);
  });

  it('leave nothing uncovered', () => {
    const left = found.filter(({ ruleName, path }) => !ACKNOWLEDGED.some((entry) => covers(entry, ruleName, path)));
    expect(left).toEqual([]);
  });

  it('each have a reason of more than a word', () => {
    expect(ACKNOWLEDGED.filter(({ reason }) => reason.length < 30)).toEqual([]);
  });
});
