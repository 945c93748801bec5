/** cdk.json: every flag that the library recommends, the two that guards rest on, and the pin that the CLI needs. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseDeploymentSettings } from '../../lib/infra/deployment-settings.ts';
import { root } from './synth-fixture.ts';

const { app, context } = JSON.parse(readFileSync(join(root, 'cdk.json'), 'utf8'));
const library = dirname(createRequire(import.meta.url).resolve('aws-cdk-lib/package.json'));

describe('cdk.json', () => {
  it('sets every flag that the library recommends', () => {
    const recommended = JSON.parse(readFileSync(join(library, 'recommended-feature-flags.json'), 'utf8'));
    expect(context).toMatchObject(recommended);
  });

  it('makes findings errors, and distributed maps write what they say', () => {
    expect(context['@aws-cdk/core:validateAgainstDefaultRules']).toBe(true);
    expect(context['@aws-cdk/aws-stepfunctions:useDistributedMapResultWriterV2']).toBe(true);
  });

  it('holds valid settings, and the entry', () => {
    expect(parseDeploymentSettings(context.bakeoff).prefix).toBe('bakeoff');
    expect(app).toBe('node bin/app.ts');
  });
});
