/**
 * The guide for authors, followed to the letter in an empty folder: its files are written, its commands run in their order, and the model that it
 * writes is scored as it says.
 */
import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, it } from 'vitest';
import { ROOT, runCli } from './run-cli.ts';

const guide = readFileSync(join(ROOT, 'docs/how-to-add-a-model.md'), 'utf8');
const [, tutorial = ''] = /^## From nothing to a scored model\n([\s\S]*?)^## /m.exec(guide) ?? [];

type Step = { readonly write: string; readonly text: string } | { readonly run: readonly string[] };

/** `lang path` is a file to write, `console` are commands; nothing else may stand in the tutorial. */
function stepsOf(text: string): Step[] {
  return [...text.matchAll(/^```(.*)\n([\s\S]*?)^```$/gm)].flatMap(([, info = '', body = '']): Step[] => {
    const [, path] = /^\w+ (\S+)$/.exec(info) ?? [];
    if (path !== undefined) return [{ write: path, text: body }];
    expect(info).toBe('console');
    return body
      .trim()
      .split('\n')
      .map((line) => ({ run: wordsOf(line) }));
  });
}

/** The arguments after `npx bakeoff`, quotes taken off as a shell does. */
function wordsOf(line: string): string[] {
  const words = [...line.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, bare]) => quoted ?? bare ?? '');
  expect(words.slice(0, 2), line).toEqual(['npx', 'bakeoff']);
  return words.slice(2);
}

it('takes a newcomer from nothing to a scored model', async () => {
  const cwd = mkdtempSync(join(tmpdir(), 'bakeoff-guide-'));
  const variables = { BAKEOFF_MODELS: join(cwd, 'models'), BAKEOFF_DIR: undefined };
  const steps = stepsOf(tutorial);
  expect(steps.map((step) => ('write' in step ? step.write : step.run[0] === 'models' ? step.run[1] : step.run[0]))).toEqual([
    ...['new', 'check', 'models/sums/model.yaml', 'models/sums/adapter.py', 'check', 'sums.yaml', 'validate', 'plan', 'run', 'show'],
  ]);
  const printed = new Map<string, string>();
  for (const step of steps) {
    if ('write' in step) {
      mkdirSync(dirname(join(cwd, step.write)), { recursive: true });
      writeFileSync(join(cwd, step.write), step.text);
      continue;
    }
    const end = await runCli(step.run, variables, cwd);
    expect([step.run, end.exitCode], `${end.stdout}${end.stderr}`).toEqual([step.run, 0]);
    printed.set(step.run[0] ?? '', end.stdout);
  }
  expect(printed.get('run')).toContain('report');
  expect(JSON.parse(readFileSync(join(cwd, 'sums-badge.json'), 'utf8'))).toMatchObject({ color: 'brightgreen' });

  const shown = JSON.parse((await runCli(['show', 'latest', '--json'], variables, cwd)).stdout);
  const paramsOf = new Map(shown.jobs.map(({ jobId, params }: { jobId: string; params: object }) => [jobId, params]));
  const shares = shown.leaderboard.entries.map((entry: { jobId: string; value: number }) => [paramsOf.get(entry.jobId), entry.value]);
  expect(shares).toEqual([
    [{ numbers: 2 }, 1],
    [{ numbers: 1 }, 0.25],
  ]);
}, 600_000);
