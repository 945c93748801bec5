/** Every package of `models/` keeps the contract: `bakeoff models check` on each, as its author would call it. */
import { readFileSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readRegistry } from '../../lib/adapters/local/registry.ts';
import { startServer } from '../fixtures/servers/start-server.ts';
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

describe('what is asked', () => {
  it('is what --task says of a server that cannot tell: words for a chat, an image where nothing is said', async () => {
    const server = await startServer('chat-model.ts', {});
    const seen = async (...more: string[]): Promise<string> => {
      const end = await runCli(['models', 'check', server.url, '--json', ...more]);
      const { rules }: Checked = JSON.parse(end.stdout);
      return rules.find(({ id }) => id === 'completes-chats')?.seen ?? end.stderr;
    };
    try {
      // It answers with what it was asked and the digest of the image, so the length of the answer tells which it was.
      const [image, words, own] = [await seen(), await seen('--task', 'chat'), await seen('--task', 'chat', '--prompt', 'Hi')];
      expect(new Set([image, words, own]).size).toBe(3);
      expect(own).toContain(`a text of ${'Hi|no image|1|undefined|null-model'.length} characters`);
    } finally {
      await server.stop();
    }
  });

  it('is no task that the package has not', async () => {
    const end = await runCli(['models', 'check', 'ridge', '--task', 'chat']);
    expect([end.exitCode, end.stderr.replaceAll(/\s+/g, ' ')]).toEqual([2, expect.stringContaining('the package does tabular-regression')]);
  });

  it('leaves a badge nowhere that cannot be written', async () => {
    const end = await runCli(['models', 'check', 'mean-baseline', '--badge', '/nowhere/badge.json']);
    expect([end.exitCode, end.stderr]).toEqual([2, expect.stringContaining('badge-unwritable')]);
  });
});

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
