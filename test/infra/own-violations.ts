/** What our own checks find in placed stacks, before anything is acknowledged. */
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { PolicyViolation } from 'aws-cdk-lib';
import { ownChecks } from '../../lib/infra/own-checks.ts';
import type { Synthesised } from './synth-fixture.ts';

export function ownViolations(placed: Synthesised): readonly PolicyViolation[] {
  const folder = mkdtempSync(join(tmpdir(), 'bakeoff-templates-'));
  const stackTemplates = Object.entries(placed.templates()).map(([stackConstructPath, template]) => {
    const templatePath = join(folder, `${stackConstructPath}.json`);
    writeFileSync(templatePath, JSON.stringify(template));
    return { stackConstructPath, templatePath, accountId: undefined, region: undefined };
  });
  return ownChecks().validate({ appConstruct: placed.app, stackTemplates, templatePaths: [] }).violations;
}
