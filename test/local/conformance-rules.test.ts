/** Every native rule and every chat rule holds for a server that keeps the contract, and is the one that is named when a server breaks it. Real processes. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { type CheckedRule, checkServer, detectProtocol, RULES } from '../../lib/conformance/check-server.ts';
import { type StartedServer, startServer } from '../fixtures/servers/start-server.ts';

const open: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of open.splice(0)) await close();
});

async function start(file: string, options: object): Promise<StartedServer> {
  const server = await startServer(file, { instance: 'instance-1', ...options });
  open.push(server.stop);
  return server;
}

const FILES = { native: 'conforming-model.ts', 'openai-chat': 'conforming-chat.ts' } as const;
const TASKS = { native: 'text-to-video', 'openai-chat': 'chat' } as const;

async function check(options: object, protocol: keyof typeof FILES = 'native'): Promise<CheckedRule[]> {
  const server = await start(FILES[protocol], options);
  const outputsDir = await mkdtemp(join(tmpdir(), 'bakeoff-check-'));
  open.push(() => rm(outputsDir, { recursive: true, force: true }));
  const exited = server.exited.then(() => server.child.exitCode);
  const terminate = (): Promise<number | null> => {
    server.child.kill('SIGTERM');
    return exited;
  };
  const started = { instance: 'instance-1', outputsDir, exited, terminate };
  const input = { task: TASKS[protocol], prompt: 'anything' };
  const shared = { url: server.url, protocol, modelName: 'good', input, started, readyMs: 2_000, generationMs: 5_000 } as const;
  return checkServer(shared, () => {});
}

const broken = (rules: readonly CheckedRule[]): string[] => rules.filter((rule) => rule.outcome === 'failed').map((rule) => rule.id);
const rulesOf = (protocol: keyof typeof FILES): string[] =>
  RULES.filter((rule) => rule.protocols.includes(protocol)).map((rule) => rule.id);
const NATIVE = rulesOf('native');
const CHAT = rulesOf('openai-chat');

describe('the native rules', () => {
  it('all hold for a server that keeps the contract', async () => {
    const rules = await check({});
    expect(rules.map((rule) => [rule.id, rule.outcome])).toEqual(NATIVE.map((id) => [id, 'passed']));
  });

  it.each(NATIVE.filter((id) => id !== 'generates'))('%s is the rule that a server is told to have broken, with a remedy', async (id) => {
    const rules = await check({ breaks: id });
    expect(broken(rules)).toEqual([id]);
    const rule = rules.find((each) => each.id === id);
    expect(rule?.outcome === 'failed' && rule.remedy).toMatch(/^[A-Z].*\.$/s);
  });

  it('generates is broken by an answer that is no record, and rules that need one are skipped', async () => {
    const rules = await check({ breaks: 'generates' });
    expect(broken(rules)).toContain('generates');
    expect(rules.find((rule) => rule.id === 'seed-is-honoured')?.outcome).toBe('skipped');
  });

  it('ask nothing more of a server that never becomes ready', async () => {
    const { url } = await start('native-model.ts', { health: 'never' });
    const server = { url, protocol: 'native', modelName: 'x', input: null, started: null, readyMs: 500 } as const;
    // It says 503 and works all the same.
    expect(broken(await checkServer(server, () => {}))).toEqual(['loading-is-503', 'becomes-ready']);
  });

  it('leave a server alone that was running already', async () => {
    const { url, child } = await start('conforming-model.ts', {});
    const server = { url, protocol: 'native', modelName: 'good', input: null, started: null } as const;
    const rules = await checkServer(server, () => {});
    expect(rules.find((rule) => rule.id === 'shuts-down')?.outcome).toBe('skipped');
    expect(child.exitCode).toBeNull();
  });
});

describe('the chat rules', () => {
  it('all hold for a server that keeps the contract', async () => {
    const rules = await check({}, 'openai-chat');
    expect(rules.map((rule) => [rule.id, rule.outcome])).toEqual(CHAT.map((id) => [id, 'passed']));
  });

  it.each(CHAT.filter((id) => id !== 'completes-chats'))(
    '%s is the rule that a server is told to have broken, with a remedy',
    async (id) => {
      const rules = await check({ breaks: id }, 'openai-chat');
      expect(broken(rules)).toEqual([id]);
      const rule = rules.find((each) => each.id === id);
      expect(rule?.outcome === 'failed' && rule.remedy).toMatch(/^[A-Z].*\.$/s);
    },
  );

  it('completes-chats is broken by an answer without a choice', async () => {
    expect(broken(await check({ breaks: 'completes-chats' }, 'openai-chat'))).toContain('completes-chats');
  });

  it('name what a server breaks, and skip what it does not offer', async () => {
    const { url } = await start('chat-model.ts', {});
    expect(await detectProtocol(url)).toBe('openai-chat');
    const input = { task: 'image-to-text', prompt: 'hello' };
    const server = { url, protocol: 'openai-chat', modelName: 'null-model', input, started: null } as const;
    const rules = await checkServer(server, () => {});
    expect(rules.find((rule) => rule.id === 'completes-chats')).toMatchObject({
      outcome: 'passed',
      seen: expect.stringContaining('7 completion tokens'),
    });
    expect(rules.find((rule) => rule.id === 'names-its-instance')?.outcome).toBe('skipped');
    // It answers a streamed request with one JSON document, and a body that is not JSON, or no request, with 500.
    expect(broken(rules)).toEqual(['streams-chats', 'bad-chat-is-400', 'large-body-is-refused', 'survives-garbage']);
  });
});
