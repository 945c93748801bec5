/**
 * The files below a folder that is to be imported, and the one way to a file that its data names: nothing outside the folder is read, whatever a
 * path or a link says. Links of a hub cache, which lead to `blobs/` beside its `snapshots/`, are followed.
 */
import { lstat, readdir, realpath, stat } from 'node:fs/promises';
import { basename, dirname, join, sep } from 'node:path';
import { BakeoffError, messageOf } from '../../../core/errors.ts';

const MAX_FILES = 1_000_000;
const MAX_DEPTH = 16;

export interface SourceFinder {
  /** Resolved, absolute. */
  readonly root: string;
  /** The absolute path of a file named by the data, or why it is not read. */
  readonly find: (path: string) => Promise<{ readonly absolute: string } | { readonly why: string }>;
}

export interface SourceFolder extends SourceFinder {
  /** Files relative to the root with `/`, sorted; those that start with a dot are passed over. */
  readonly files: readonly string[];
}

/** Throws `source-unreadable` and `source-too-many-files`. */
export async function openSourceFolder(folder: string): Promise<SourceFolder> {
  const finder = await sourceFinder(folder);
  return { ...finder, files: await listFiles(finder.root) };
}

/** For sources that are one file: what lies beside it is not listed. Throws `source-unreadable`. */
export async function sourceFinder(folder: string): Promise<SourceFinder> {
  const root = await realRoot(folder);
  const allowed = [root, ...hubBlobs(root)];
  const find: SourceFinder['find'] = async (path) => {
    const parts = path.split('/');
    if (path === '' || path.startsWith('/') || /[\\\0]/.test(path) || parts.some((part) => part === '..')) {
      return { why: `the path ${shown(path)} leads out of the folder` };
    }
    try {
      const absolute = await realpath(join(root, ...parts));
      if (!allowed.some((place) => absolute.startsWith(place + sep))) return { why: `the link ${shown(path)} leads out of the folder` };
      return (await stat(absolute)).isFile() ? { absolute } : { why: `${shown(path)} is no file` };
    } catch {
      return { why: `there is no file ${shown(path)}` };
    }
  };
  return { root, find };
}

function shown(path: string): string {
  return JSON.stringify(path.slice(0, 120));
}

async function realRoot(folder: string): Promise<string> {
  try {
    const root = await realpath(folder);
    if ((await lstat(root)).isDirectory()) return root;
    throw new Error('it is no folder');
  } catch (thrown) {
    throw new BakeoffError({
      code: 'source-unreadable',
      message: `${folder} cannot be read as a folder: ${messageOf(thrown)}`,
      remedy: 'Name a folder that exists.',
      cause: thrown,
    });
  }
}

/** `<cache>/blobs` of a root at or below `<cache>/snapshots/<revision>`. */
function hubBlobs(root: string): string[] {
  for (let at = root; dirname(at) !== at; at = dirname(at)) {
    if (basename(dirname(at)) === 'snapshots') return [join(dirname(dirname(at)), 'blobs')];
  }
  return [];
}

async function listFiles(root: string): Promise<string[]> {
  const files: string[] = [];
  const visit = async (below: string, depth: number): Promise<void> => {
    const entries = await readdir(join(root, below), { withFileTypes: true });
    for (const entry of entries) {
      if (entry.name.startsWith('.')) continue;
      const path = below === '' ? entry.name : `${below}/${entry.name}`;
      if (entry.isDirectory()) {
        if (depth < MAX_DEPTH) await visit(path, depth + 1);
        else throw tooMany(`${path} lies deeper than ${MAX_DEPTH} folders`);
      } else if (entry.isFile() || entry.isSymbolicLink()) files.push(path);
      if (files.length > MAX_FILES) throw tooMany(`more than ${MAX_FILES} files`);
    }
  };
  await visit('', 1);
  return files.sort();
}

function tooMany(what: string): BakeoffError {
  return new BakeoffError({ code: 'source-too-many-files', message: what, remedy: 'Import a sub-folder.' });
}
