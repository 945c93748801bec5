/**
 * Containers, images and volumes of the tests in this folder: made from this machine's Node, named by the test's process, and removed after
 * any ending: what a killed test leaves, the next one removes.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

const LABEL = 'bakeoff.isolation-test';
const IMAGE = 'bakeoff-isolation-test';
/** The value is the test's process: what a live one has is not removed by another. */
export const LABEL_OPTIONS = ['--label', `${LABEL}=${process.pid}`];

/** An image of Node and what it links to, from this machine: none has to be pulled. `prepare` may add to its root. */
export function nodeImage(name: string, prepare: (root: string) => void = () => {}): string {
  const root = mkdtempSync(join(tmpdir(), 'bakeoff-isolation-'));
  try {
    const libraries = [...run('ldd', [process.execPath]).matchAll(/(\/\S+) \(0x/g)].map((match) => match[1] ?? '');
    run('cp', [process.execPath, join(root, 'node')]);
    for (const library of libraries) {
      mkdirSync(join(root, dirname(library)), { recursive: true });
      run('cp', ['--dereference', library, join(root, library)]);
    }
    prepare(root);
    const tag = `${IMAGE}:${process.pid}-${name}`;
    run('bash', ['-c', 'tar --create --directory "$0" . | docker import - "$1"', root, tag]);
    return tag;
  } finally {
    rmSync(root, { recursive: true });
  }
}

/** What this test, or one before it that was killed, has left. */
export function removeAll(): void {
  const containers = docker(['ps', '--all', '--filter', `label=${LABEL}`, '--format', `{{.ID}} {{.Label "${LABEL}"}}`]);
  for (const [id, pid] of fieldsOf(containers)) if (!isOthers(pid)) ignoreMissing(() => docker(['rm', '--force', id]));
  const images = docker(['images', '--filter', `reference=${IMAGE}`, '--format', '{{.Repository}}:{{.Tag}} {{.Tag}}']);
  for (const [name, tag] of fieldsOf(images)) if (!isOthers(tag.split('-')[0] ?? '')) ignoreMissing(() => docker(['rmi', '--force', name]));
  const volumes = docker(['volume', 'ls', '--filter', `label=${LABEL}`, '--format', `{{.Name}} {{.Label "${LABEL}"}}`]);
  for (const [name, pid] of fieldsOf(volumes)) if (!isOthers(pid)) ignoreMissing(() => docker(['volume', 'rm', '--force', name]));
}

function fieldsOf(lines: string): [string, string][] {
  return lines
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => [line.split(' ')[0] ?? '', line.split(' ')[1] ?? '']);
}

/** True for a live process that is not this one. */
function isOthers(pid: string): boolean {
  if (pid === '' || Number(pid) === process.pid) return false;
  try {
    return process.kill(Number(pid), 0);
  } catch {
    return false;
  }
}

/** A container with `--rm` may go while it is removed. */
function ignoreMissing(action: () => void): void {
  try {
    action();
  } catch (error) {
    if (!/No such|already in progress/.test(String(error))) throw error;
  }
}

export function docker(words: readonly string[]): string {
  return run('docker', words);
}

export function run(program: string, words: readonly string[]): string {
  return execFileSync(program, words, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }).trim();
}
