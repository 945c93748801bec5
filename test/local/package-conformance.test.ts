/** Every package of `models/` keeps the contract: `bakeoff models check` on each, as its author would call it. */
import { readFileSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readRegistry } from '../../lib/adapters/local/registry.ts';
import { ROOT, runCli } from './run-cli.ts';

const registry = await readRegistry({ root: ROOT });
const packages = [...registry.models.values(), ...registry.evaluators.values()].filter(
  ({ manifest }) => manifest.requirements.accelerator.kind === 'none',
);
/** What a package of a protocol has at least done. */
const WORK: Readonly<Record<string, string>> = { native: 'generates', 'openai-chat': 'completes-chats', evaluator: 'tells-its-metrics' };

interface Checked {
  readonly ok: boolean;
  readonly protocol: string;
  readonly rules: readonly { readonly id: string; readonly outcome: string; readonly seen: string }[];
}

describe('the packages', () => {
  it('are all registered', () => {
    expect(registry.faults).toEqual([]);
    expect(packages.length).toBeGreaterThan(8);
  });

  it.each(packages.map(({ manifest }) => manifest.id))(
    '%s keeps every rule, and its badge says so',
    async (id) => {
      const badge = join(await mkdtemp(join(tmpdir(), 'bakeoff-badge-')), 'badge.json');
      const end = await runCli(['models', 'check', id, '--json', '--badge', badge]);
      const checked: Checked = JSON.parse(end.stdout);
      expect(checked.rules.filter((rule) => rule.outcome === 'failed')).toEqual([]);
      expect(end.exitCode, end.stderr).toBe(0);
      expect(checked.rules).toContainEqual(expect.objectContaining({ id: WORK[checked.protocol], outcome: 'passed' }));
      const held = checked.rules.filter((rule) => rule.outcome === 'passed').length;
      expect(JSON.parse(readFileSync(badge, 'utf8'))).toMatchObject({
        schemaVersion: 1,
        message: `${held} rules hold`,
        color: 'brightgreen',
      });
    },
    300_000,
  );
});
