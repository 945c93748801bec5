/**
 * Opens a file that a model says it wrote, without ever leaving the model's folder: the path is plain, no component is a link, the
 * file is a regular one with a single name. Called by take-output.ts; the folder's content is hostile and may change meanwhile.
 */
import { constants } from 'node:fs';
import { type FileHandle, lstat, open } from 'node:fs/promises';
import { join } from 'node:path';
import { BadAnswer } from './protocols/answer-guards.ts';

const { O_DIRECTORY, O_NOFOLLOW, O_NONBLOCK, O_RDONLY } = constants;
/** Through /proc a component is opened relative to its folder's descriptor, so nobody can swap a parent in between. */
const RELATIVE_TO_DESCRIPTOR = process.platform === 'linux';

/**
 * Opens `path` below `root` (a folder of ours) for reading. `within` are folders between the two that the model could have replaced.
 * Throws BadAnswer with `output-outside`, `output-link`, `output-missing` or `output-not-a-file`.
 */
export async function openInside(root: string, within: readonly string[], path: string): Promise<FileHandle> {
  const folders = [...within, ...componentsOf(path)];
  const name = folders.pop() ?? '';
  let at = root;
  const held: FileHandle[] = [];
  try {
    for (const folder of folders) {
      const handle = await openComponent(join(at, folder), O_RDONLY | O_DIRECTORY | O_NOFOLLOW, path);
      held.push(handle);
      at = RELATIVE_TO_DESCRIPTOR ? `/proc/self/fd/${handle.fd}` : join(at, folder);
    }
    const file = await openComponent(join(at, name), O_RDONLY | O_NOFOLLOW | O_NONBLOCK, path);
    return await regularOrThrow(file, path);
  } finally {
    for (const handle of held) await handle.close();
  }
}

function componentsOf(path: string): string[] {
  const components = path.split('/');
  const plain =
    path !== '' && !path.includes('\0') && !path.includes('\\') && components.every((name) => name !== '' && name !== '.' && name !== '..');
  if (plain) return components;
  throw new BadAnswer('output-outside', `the output path ${JSON.stringify(path.slice(0, 200))} is not a plain path below output.dir`);
}

async function openComponent(at: string, flags: number, path: string): Promise<FileHandle> {
  try {
    if (!RELATIVE_TO_DESCRIPTOR && (await lstat(at)).isSymbolicLink()) throw linked(path);
    return await open(at, flags);
  } catch (error) {
    if (error instanceof BadAnswer) throw error;
    const found = await lstat(at).catch(() => null);
    if (found?.isSymbolicLink()) throw linked(path);
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
    if (found === null) throw new BadAnswer('output-missing', `the output file ${JSON.stringify(path)} is not there`);
    throw new BadAnswer('output-not-a-file', `the output file ${JSON.stringify(path)} cannot be opened: ${code}`);
  }
}

async function regularOrThrow(file: FileHandle, path: string): Promise<FileHandle> {
  const facts = await file.stat();
  if (facts.isFile() && facts.nlink === 1) return file;
  await file.close();
  if (facts.isFile())
    throw new BadAnswer('output-link', `the output file ${JSON.stringify(path)} has ${facts.nlink} names (hard links); expected 1`);
  throw new BadAnswer('output-not-a-file', `the output ${JSON.stringify(path)} is not a regular file`);
}

function linked(path: string): BadAnswer {
  return new BadAnswer('output-link', `the output path ${JSON.stringify(path)} goes through a symbolic link`);
}
