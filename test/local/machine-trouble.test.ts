/**
 * What the machine can refuse, through the real CLI: each time one clear error with a remedy and its exit code, and nothing
 * half-written that a resume would trust. Mounting small file systems needs root, which CI has.
 */
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { type CliEnd, ROOT, runCli } from './run-cli.ts';

/** As root (CI is) these run and a refused mount fails them; nobody else may mount, and sees them as skipped. */
const asRoot = it.skipIf(process.getuid?.() !== 0);
const mounts: string[] = [];

afterEach(() => {
  for (const folder of mounts.splice(0)) execFileSync('umount', [folder]);
});

function mountSmall(options: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'bakeoff-mount-'));
  execFileSync('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', folder]);
  mounts.push(folder);
  return folder;
}

function expectOneError(end: CliEnd, code: string, exitCode: number): void {
  expect([end.exitCode, end.stderr.match(/error\[([a-z-]+)\]/g)]).toEqual([exitCode, [`error[${code}]`]]);
  expect(end.stderr).toMatch(/\n {2}fix: [A-Z]/);
  expect(end.stderr).not.toMatch(/\n\s+at .*:\d+:\d+/);
}

const runDiabetes = (dir: string, more: readonly string[] = [], environment: Record<string, string> = {}): Promise<CliEnd> =>
  runCli(['run', join(ROOT, 'examples/diabetes.yaml'), '--limit', '20', '--dir', dir, ...more], environment);

const scoresOf = (end: CliEnd): unknown =>
  JSON.parse(end.stdout).leaderboard.entries.map((entry: { jobId: string; value: number; rank: number }) => [
    entry.jobId,
    entry.value,
    entry.rank,
  ]);

describe('a disk that is full', () => {
  let withRoom: Promise<CliEnd> | null = null;
  const undisturbed = (): Promise<CliEnd> => {
    withRoom ??= runDiabetes(mkdtempSync(join(tmpdir(), 'bakeoff-room-')), ['--json']);
    return withRoom;
  };

  asRoot.each(['100k', '220k', '330k'])('at %s says so once, and a resume with more room ends as a run with room does', async (size) => {
    const folder = mountSmall(`size=${size}`);
    const dir = join(folder, 'out');

    expectOneError(await runDiabetes(dir), 'disk-full', 4);

    execFileSync('mount', ['-o', 'remount,size=64m', folder]);
    const resumed = await runDiabetes(dir, ['--resume', '--json']);
    expect(resumed.exitCode, resumed.stderr).toBe(0);
    expect(scoresOf(resumed)).toEqual(scoresOf(await undisturbed()));
  });
});

describe('a folder that cannot be used', () => {
  asRoot('is named when it is read-only', async () => {
    const folder = mountSmall('size=1m,ro');
    expectOneError(await runDiabetes(join(folder, 'out')), 'records-unusable', 4);
  });

  it('is named when a file stands in its place', async () => {
    const path = join(mkdtempSync(join(tmpdir(), 'bakeoff-file-')), 'out');
    writeFileSync(path, 'in the way');
    expectOneError(await runDiabetes(path), 'records-unusable', 4);
  });
});

describe('a machine without Python', () => {
  it('is told which Python to install, and the run goes on once it is there', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'bakeoff-no-python-'));
    const bare = mkdtempSync(join(tmpdir(), 'bakeoff-bare-path-'));

    const end = await runDiabetes(dir, [], { PATH: bare, HOME: bare, PYENV_ROOT: bare });
    expectOneError(end, 'python-missing', 4);
    expect(end.stderr).toContain('3.11');

    const resumed = await runDiabetes(dir, ['--resume', '--json']);
    expect(resumed.exitCode, resumed.stderr).toBe(0);
  });

  it('is told the same by doctor, with exit code 4', async () => {
    const bare = mkdtempSync(join(tmpdir(), 'bakeoff-bare-path-'));
    const end = await runCli(['doctor', '--dir', bare], { PATH: bare, HOME: bare, PYENV_ROOT: bare });
    expect(end.exitCode).toBe(4);
    expect(end.stdout).toMatch(/python/i);
  });
});

describe('a suite that is corrupt', () => {
  it('is refused before anything starts, naming the file and both digests', async () => {
    const work = mkdtempSync(join(tmpdir(), 'bakeoff-corrupt-'));
    cpSync(join(ROOT, 'examples/suites/ocr-lines'), join(work, 'ocr-lines'), { recursive: true });
    const [first] = readFileSync(join(work, 'ocr-lines/items.jsonl'), 'utf8').split('\n');
    const { path, sha256 } = JSON.parse(first ?? '').input.files[0];
    const image = readFileSync(join(work, 'ocr-lines', path));
    image[40] = (image[40] ?? 0) ^ 1;
    writeFileSync(join(work, 'ocr-lines', path), image);
    const spec = readFileSync(join(ROOT, 'examples/ocr-lines.yaml'), 'utf8').replace('suite: ocr-lines', 'suite: ./ocr-lines');
    writeFileSync(join(work, 'spec.yaml'), spec);
    mkdirSync(join(work, 'out'));

    const end = await runCli(['run', join(work, 'spec.yaml'), '--dir', join(work, 'out')]);

    expectOneError(end, 'suite-corrupt', 4);
    expect(end.stderr.replace(/\s+/g, '')).toContain(sha256);
    expect(end.stderr.replace(/\s+/g, '')).toContain(path);
  });
});
