/** Gates inside a spec through the real CLI and a real model server: how a run ends that keeps them, breaks them, or does not come to its end. */
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ROOT, runCli } from './run-cli.ts';

const dir = mkdtempSync(join(tmpdir(), 'bakeoff-gates-'));
const spec = (name: string, gates: readonly object[], more: object = {}): string => {
  const path = join(dir, `${name}.json`);
  const models = [{ model: 'mean-baseline', reference: false }];
  const sent = { suite: 'diabetes', samples: { limit: 12 }, models };
  writeFileSync(path, JSON.stringify({ apiVersion: 'bakeoff/v1', name, ...sent, scorers: ['numbers'], gates, ...more }));
  return path;
};
const run = (path: string, ...more: string[]) => runCli(['run', path, '--dir', dir, ...more]);
const MAE = { metric: 'numbers.mae' };

describe('bakeoff run of a spec with gates', () => {
  it('ends with 0 when they are kept, and shows them', async () => {
    const { exitCode, stdout, stderr } = await run(spec('kept', [{ ...MAE, max: 1000 }]));

    expect(exitCode, stderr).toBe(0);
    expect(stdout).toMatch(/kept-\S+ \(succeeded\): all 1 gate passed\nok {5}mean-baseline: numbers\.mae at most 1000 = /);
  }, 120_000);

  it('ends with 1 when one is broken; with the run as its baseline, the next one passes', async () => {
    const gates = [{ ...MAE, maxRegression: 0 }];

    const first = await run(spec('chained', gates), '--json');
    const second = await run(spec('chained', gates), '--json');

    const { gates: verdict, runId } = JSON.parse(first.stdout);
    expect([first.exitCode, verdict.judgements[0].outcome.reason]).toEqual([1, expect.stringContaining('no earlier run of chained')]);
    expect([second.exitCode, JSON.parse(second.stdout).gates.baselines]).toEqual([
      0,
      [{ runId, ageDays: expect.any(Number), warnings: [] }],
    ]);
    const judged = await runCli(['gate', 'latest', '--dir', dir, '--markdown', join(dir, 'gates.md'), '--junit', join(dir, 'gates.xml')]);
    expect(judged.exitCode, judged.stderr).toBe(0);
    expect(readFileSync(join(dir, 'gates.md'), 'utf8')).toMatch(/^### Bakeoff: all 1 gate passed\n/);
    expect(readFileSync(join(dir, 'gates.xml'), 'utf8')).toContain('tests="1" failures="0" errors="0"');
  }, 120_000);

  it('ends with 3 when the run does not come to what they judge', async () => {
    const { exitCode, stdout, stderr } = await run(spec('late', [{ ...MAE, max: 1000 }], { limits: { ready: '1ms' } }));

    expect(exitCode, stderr).toBe(3);
    expect(stdout).toMatch(/of 1 gate 1 could not be judged\n\? {5} mean-baseline: /);
  }, 120_000);

  it('is refused before anything starts when a gate cannot be', async () => {
    const { exitCode, stderr } = await run(spec('refused', [{ metric: 'numbers.mea', max: 1 }]));

    expect(exitCode).toBe(2);
    expect(stderr).toContain('did you mean');
    expect(stderr).toContain('gates[0].metric');
  });
});

describe('docs/gates.md', () => {
  it('shows a spec whose gates are accepted with it', async () => {
    const text = readFileSync(join(ROOT, 'docs/gates.md'), 'utf8');
    const [block = ''] = [...text.matchAll(/```yaml\n(# diabetes-gated\.yaml[\s\S]*?)```/g)].map(([, found = '']) => found);
    writeFileSync(join(dir, 'documented.yaml'), block);

    const { exitCode, stdout, stderr } = await runCli(['validate', join(dir, 'documented.yaml')]);

    expect(exitCode, `${stdout}${stderr}`).toBe(0);
    expect(block).toContain('gates:');
  });
});
