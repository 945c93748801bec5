/** The settings of a deployment: what is refused, how it is told, and that the documents of them are current. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { BakeoffError } from '../../lib/core/errors.ts';
import { deploymentSettingsSchema, EXAMPLE_PACKAGES, parseDeploymentSettings } from '../../lib/infra/deployment-settings.ts';
import { root } from './synth-fixture.ts';

function refusal(context: unknown): BakeoffError {
  try {
    parseDeploymentSettings(context);
  } catch (error) {
    if (error instanceof BakeoffError) return error;
    throw error;
  }
  throw new Error('the settings were accepted');
}

describe('the settings of a deployment', () => {
  it('have a default for everything', () => {
    const settings = parseDeploymentSettings(undefined);
    expect(settings).toMatchObject({ prefix: 'bakeoff', network: 'public', apiAuth: { type: 'iam' }, dashboard: false, adopt: null });
    expect(settings.fleet.map(({ name }) => name)).toEqual(['g6-xlarge', 'cpu']);
  });

  it('tell all problems at once: path, value seen, value expected, remedy', () => {
    const { code, message, remedy } = refusal({
      prefix: 'Big Name',
      network: 'hidden',
      logRetentionDays: 31,
      fleet: [{ name: 'gpu', instanceType: 'g6.huge', market: 'spot', maxInstances: 0 }],
      apiAuth: { type: 'jwt', issuer: 'http://example.com', audience: ['a'] },
      alarmMail: 'a@example.com',
    });
    expect(code).toBe('deployment-settings-invalid');
    for (const said of [
      'bakeoff.prefix is "Big Name"; expected lower-case letters',
      'bakeoff.network is "hidden"; expected one of "public", "private"',
      'bakeoff.logRetentionDays is 31; expected one of 1, 3, 5',
      'bakeoff.fleet[0].instanceType is "g6.huge"; expected an instance type of the price sheet',
      'bakeoff.fleet[0].maxInstances is 0; expected at least 1',
      'bakeoff.apiAuth.issuer is "http://example.com"',
      'bakeoff.alarmMail is an unknown key',
    ]) {
      expect(message).toContain(said);
    }
    expect(remedy).toContain('Rename bakeoff.alarmMail to alarmEmail in cdk.json, or remove it.');
    expect(remedy).toContain('Correct bakeoff.network in cdk.json');
  });

  it.each([
    ['a list', [], 'bakeoff is []'],
    [
      'an address that is none',
      { alarmEmail: 'bench@example' },
      'bakeoff.alarmEmail is "bench@example"; expected an e-mail address such as',
    ],
    ['a number as text', { monthlyBudgetUsd: '200' }, 'bakeoff.monthlyBudgetUsd is "200"; expected a number'],
    ['no package', { packages: [] }, 'bakeoff.packages is []; expected at least 1 entry'],
    ['half an adoption', { adopt: { bucketName: 'my-bucket' } }, 'bakeoff.adopt.tableName is missing'],
    ['a zone that is none', { availabilityZones: ['us-east-1'] }, 'bakeoff.availabilityZones[0] is "us-east-1"'],
    ['a registry with a path', { allowedRegistries: ['https://ghcr.io/x'] }, 'bakeoff.allowedRegistries[0]'],
    ['a budget of nothing', { monthlyBudgetUsd: 0 }, 'bakeoff.monthlyBudgetUsd is 0; expected above 0'],
    [
      'an unknown key inside',
      { fleet: [{ name: 'a', instanceType: 'g6.xlarge', market: 'spot', maxInstances: 1, min: 1 }] },
      'bakeoff.fleet[0].min',
    ],
  ])('refuse %s', (_what, context, said) => {
    expect(refusal(context).message).toContain(said);
  });

  it('deploy by default every package that an example uses', () => {
    const specs = ['diabetes', 'ocr-lines', 'shapes-steps'].map((name) => readFileSync(join(root, `examples/${name}.yaml`), 'utf8'));
    const used = specs.flatMap((text) => parse(text).models.map(({ model }: { model: string }) => model));
    expect([...new Set(used), 'eval-video'].filter((id) => !EXAMPLE_PACKAGES.includes(id))).toEqual([]);
  });

  it('in docs/deploy.md are valid', () => {
    const blocks = [...readFileSync(join(root, 'docs/deploy.md'), 'utf8').matchAll(/```json\n(.*?)```/gs)].map(([, text = '']) =>
      JSON.parse(text),
    );
    const contexts = blocks.flatMap(({ context }) => context ?? []);
    expect(contexts.length).toBeGreaterThan(0);
    for (const { bakeoff } of contexts) expect(() => parseDeploymentSettings(bakeoff)).not.toThrow();
  });

  it('say of each setting what it means', () => {
    for (const [name, schema] of Object.entries(deploymentSettingsSchema.shape)) expect(schema.description, name).toBeTruthy();
  });
});
