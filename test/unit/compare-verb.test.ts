/** `bakeoff compare` as it is called, over runs that the real steps have scored. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { main } from '../../lib/cli/program.ts';
import { type ApiFixture, apiFixture, storeRun } from '../fixtures/api-fixture.ts';

const spec = (changes: object = {}) =>
  JSON.stringify({
    apiVersion: 'bakeoff/v1',
    name: 'compared',
    items: Array.from({ length: 30 }, (_, index) => ({ id: `i${index}`, input: { row: { x: index } }, reference: { value: index } })),
    models: [{ model: 'ridge', matrix: { alpha: [0.1, 1] } }],
    load: { mode: 'closed', concurrency: 1, warmup: 0 },
    scorers: ['latency', 'numbers'],
    ...changes,
  });

let fixture: ApiFixture;
beforeAll(async () => {
  fixture = await apiFixture();
  const noise = (_ordinal: number, at: number): number => 0.5 + (at % 7) / 10;
  const worse = (ordinal: number, at: number): number => noise(ordinal, at) + (ordinal === 0 ? 2 + (at % 3) : 0);
  await storeRun(fixture, { runId: 'before-1', specText: spec(), errorOf: noise });
  await storeRun(fixture, { runId: 'after-1', specText: spec(), errorOf: worse });
  await storeRun(fixture, { runId: 'other-1', specText: spec({ models: [{ model: 'ridge' }], samples: { seed: 7 } }), errorOf: noise });
});
afterAll(() => fixture.close());

async function call(argv: readonly string[]) {
  const told = { stdout: '', stderr: '' };
  const sink = (name: 'stdout' | 'stderr') => ({ write: (text: string) => (told[name] += text) });
  const outside = {
    stdout: sink('stdout'),
    stderr: sink('stderr'),
    environment: {},
    cwd: '/',
    root: '/',
    isTty: false,
    isStdoutTty: false,
  };
  return { exitCode: await main(argv, { ...outside, columns: 80 }), ...told };
}
const compare = (a: string, b: string, ...more: string[]) => call(['compare', a, b, '--dir', fixture.stores.folder, ...more]);

describe('bakeoff compare', () => {
  it('shows every difference with its interval and verdict on 80 columns, and names the correction', async () => {
    const { exitCode, stdout, stderr } = await compare('before-1', 'after-1');

    expect([exitCode, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(/^ridge · alpha 0\.1\n {2}metric .*\n(?:.*\n)*? {2}numbers\.mae +−3\.00? .*\[−.*\] +A is better$/m);
    expect(stdout).toMatch(/^ridge · alpha 1\n(?:.*\n)*? {2}numbers\.mae +0 .*not separable: /m);
    expect(stdout).toContain('Bonferroni over at most');
    expect(stdout.split('\n').filter((line) => line.length > 80)).toEqual([]);
  });

  it('flips every sign when the runs change places', async () => {
    const differences = async (a: string, b: string): Promise<number[]> =>
      JSON.parse((await compare(a, b, '--json')).stdout).jobs.flatMap(({ metrics }: { metrics: { difference: number }[] }) =>
        metrics.map(({ difference }) => difference),
      );

    const forth = await differences('before-1', 'after-1');

    expect(forth.filter((difference) => difference !== 0).length).toBeGreaterThan(1);
    for (const [at, back] of (await differences('after-1', 'before-1')).entries()) expect(back).toBeCloseTo(-(forth[at] ?? 0), 10);
  });

  it('warns of what else differs, and lists jobs without a partner', async () => {
    const { stdout } = await compare('before-1', 'other-1');

    expect(stdout).toContain('warning[spec-differs]');
    expect(stdout).toContain('warning[seed-differs]');
    expect(stdout).toMatch(/without a partner:\n {2}A: ridge-[0-9a-f]{8}: the other run has no job/);
  });
});
