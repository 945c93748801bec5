/** `bakeoff score profile` and `bakeoff rank` as they are called: files, standard input, one document, 80 columns, refusals. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { main } from '../../lib/cli/program.ts';

const folder = mkdtempSync(join(tmpdir(), 'bakeoff-tables-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function call(argv: readonly string[], input: string | readonly Uint8Array[] = []) {
  const told = { stdout: '', stderr: '' };
  const bytes = typeof input === 'string' ? new TextEncoder().encode(input) : null;
  async function* stdin() {
    if (bytes === null) yield* input as readonly Uint8Array[];
    else for (let at = 0; at < bytes.length; at += 3) yield bytes.subarray(at, at + 3);
  }
  const exitCode = await main(argv, {
    stdout: { write: (text) => (told.stdout += text) },
    stderr: { write: (text) => (told.stderr += text) },
    stdin: stdin(),
    environment: {},
    cwd: folder,
    root: folder,
    isTty: false,
    isStdoutTty: false,
    columns: 80,
  });
  return { exitCode, ...told };
}

const SIX = 'subject_consistency,background_consistency,motion_smoothness,dynamic_degree,appearance_style,scene';
const widest = (text: string): number => Math.max(...text.split('\n').map((line) => line.length));

describe('bakeoff score profile', () => {
  it('reads standard input in pieces that cut signs in two, and prints the rows as one document', async () => {
    const { exitCode, stdout, stderr } = await call(
      ['score', 'profile', 'mlperf-wan22', '-', '--scale', 'percent', '--json'],
      `\uFEFFmodel,${SIX}\r\n"modèle, 1",90,90,90,60,20,40\r\nb,90,,90,60,20,40\r\n`,
    );

    expect([exitCode, stderr]).toEqual([0, '']);
    expect(JSON.parse(stdout)).toEqual([
      { model: 'modèle, 1', total: expect.closeTo(65, 12) },
      { model: 'b', total: null, reason: 'missing: background_consistency' },
    ]);
  });

  it('reads a file, passes over columns, and prints at most 80 columns', async () => {
    const names = ['Composition', 'Diversity', 'Instance Preservation', 'Motion Rationality', 'Material'];
    writeFileSync(join(folder, 'v2.csv'), `rank,model,${names.join(',')}\n1,a-model-with-a-long-name,0.5,0.5,0.25,0.75,1\n`);

    const { exitCode, stdout } = await call(['score', 'profile', 'vbench-2.0', 'v2.csv', '--ignore', 'rank']);

    expect(exitCode).toBe(0);
    expect(stdout).toContain('a-model-with-a-long-name: creativity 0.5000, commonsense 0.5000, controllability');
    expect(stdout.replaceAll(/\s+/g, ' ')).toContain('a-model-with-a-long-name has no total; missing: Camera Motion,');
    expect(widest(stdout)).toBeLessThanOrEqual(80);
  });

  it('shows what a profile is made of when no file is named', async () => {
    const { stdout } = await call(['score', 'profile', 'vbench-t2v']);
    expect(stdout).toMatch(/^profile {2}vbench-t2v, version 1/);
    expect(stdout).toMatch(/\nmotion_smoothness +quality +0\.706 +0\.9975 +1\n/);
    expect(widest(stdout)).toBeLessThanOrEqual(80);
    const { stdout: document } = await call(['score', 'profile', 'vbench-t2v', '--json']);
    expect(JSON.parse(document)).toMatchObject({ name: 'vbench-t2v', version: '1', groups: [{ weight: 4 }, { weight: 1 }] });
  });

  it('warns on stderr of fractions read as percent', async () => {
    const { exitCode, stderr } = await call(
      ['score', 'profile', 'mlperf-wan22', '-', '--scale', 'percent'],
      `model,${SIX}\na,1,1,1,1,1,1\n`,
    );
    expect(exitCode).toBe(0);
    expect(stderr).toMatch(/^warning: no value is above 1 percent/);
  });
});

describe('bakeoff rank', () => {
  it('ranks by mean win rate, with several columns in which lower is better', async () => {
    const table = 'model,acc,ms,usd,note\na,0.9,10,1,x\nb,0.8,20,2,y\nc,,30,,z\n';
    const argv = ['rank', '-', '--method', 'win-rate', '--lower', 'ms', '--lower', 'usd', '--ignore', 'note'];

    const plain = await call(argv, table);
    const { models, columns } = JSON.parse((await call([...argv, '--json'], table)).stdout);

    expect(plain.stdout).toMatch(/^RANK +WIN RATE +COLUMNS +MODEL\n1 +1\.0000 +3 +a\n2 +0\.1667 +3 +b\n3 +0\.0000 +1 +c\n/);
    expect(models.map(({ model, winRate }: { model: string; winRate: number }) => [model, winRate])).toEqual([
      ['a', 1],
      ['b', expect.closeTo(1 / 6, 12)],
      ['c', 0],
    ]);
    expect(columns.map(({ lowerIsBetter }: { lowerIsBetter: boolean }) => lowerIsBetter)).toEqual([false, true, true]);
  });

  it('ranks by Bradley-Terry within 80 columns, and says how the intervals were made', async () => {
    const table = 'winner,loser,count\nalpha,beta,120000\nbeta,alpha,60000\nbeta,gamma,2\ngamma,beta,1\n';
    const { stdout } = await call(['rank', '-', '--method', 'bradley-terry'], table);
    const { models, interval, elo } = JSON.parse((await call(['rank', '-', '--method', 'bradley-terry', '--json'], table)).stdout);

    expect(stdout).toContain('wald-log-strength');
    expect(widest(stdout)).toBeLessThanOrEqual(80);
    expect([interval.method, interval.confidence, elo]).toEqual(['wald-log-strength', 0.95, { base: 1000, scale: 400 }]);
    expect(models.map(({ model }: { model: string }) => model)).toEqual(['alpha', 'beta', 'gamma']);
    for (const { strength, elo: points, eloInterval } of models) {
      expect(points).toBeCloseTo(1000 + 400 * Math.log10(strength), 9);
      expect(eloInterval.low < points && points < eloInterval.high).toBe(true);
    }
  });

  it.each([
    [['rank', '-'], '', 'bad-usage', '--method is not given'],
    [['rank', '-', '--method', 'bradley-terry', '--lower', 'x'], '', 'bad-usage', '--lower has no meaning'],
    [['rank', '-', '--method', 'elo'], '', 'bad-usage', 'Allowed choices are win-rate, bradley-terry'],
    [['rank', '-', '--method', 'win-rate'], 'model,a\nx,1\ny,z\n', 'bad-rows', 'line 3, column "a": "z" is no finite decimal number'],
    [['rank', '-', '--method', 'win-rate'], 'model,a\nx,"1\n', 'csv-syntax', 'line 2: a quote is not closed'],
    [['rank', '-', '--method', 'win-rate'], '', 'table-empty', 'the file holds no rows'],
    [['rank', '-', '--method', 'bradley-terry'], 'winner,loser\na,b\n', 'strengths-undefined', 'a never lost and b never won'],
    [['rank', 'absent.csv', '--method', 'win-rate'], '', 'file-unreadable', 'absent.csv cannot be read'],
    [['score', 'profile', 'vbench', '-'], '', 'unknown-profile', 'there is no profile "vbench"'],
  ])('%j with %j is refused with exit code 2: %s', async (argv, input, code, message) => {
    const { exitCode, stdout } = await call([...argv, '--json'], input);
    expect(exitCode).toBe(2);
    expect(JSON.parse(stdout).error).toMatchObject({ code, message: expect.stringContaining(message), remedy: expect.any(String) });
  });

  it('refuses what is not UTF-8, near its line', async () => {
    const bytes = [new TextEncoder().encode('model,a\nx,1\n'), Uint8Array.from([0x79, 0xff, 0x2c])];
    const { stdout } = await call(['rank', '-', '--method', 'win-rate', '--json'], bytes);
    expect(JSON.parse(stdout).error).toMatchObject({ code: 'not-utf8', message: expect.stringContaining('in line 3 or soon after') });
  });
});

it('docs/measures.md shows what is printed', async () => {
  const text = readFileSync(join(import.meta.dirname, '../../docs/measures.md'), 'utf8');
  const [, table = '', printed] =
    /```csv\n(winner[\s\S]*?)```\n\n`bakeoff rank FILE --method bradley-terry` prints\n\n```text\n([\s\S]*?)```/.exec(text) ?? [];
  const { stdout } = await call(['rank', '-', '--method', 'bradley-terry'], table);
  expect(stdout).toBe(printed);
});
