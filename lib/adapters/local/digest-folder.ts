/**
 * SHA-256 of every file below a folder, and one digest over them: the identity of packages and of the SDK. Links are refused,
 * so that what was hashed is what will be read. Called by the registry.
 */
import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { sha256Hex } from '../../core/canonical-json.ts';
import { BakeoffError } from '../../core/errors.ts';

export interface HashedFile {
  /** Relative to the folder, with `/`. */
  readonly path: string;
  readonly sha256: string;
  readonly bytes: number;
}

/** Files in order of their paths; `leaveOut` decides by relative path and whether it is a folder. Throws `package-link`. */
export async function hashFolder(folder: string, leaveOut: (path: string, isFolder: boolean) => boolean): Promise<HashedFile[]> {
  const files: HashedFile[] = [];
  const visit = async (below: string): Promise<void> => {
    for (const entry of await readdir(join(folder, below), { withFileTypes: true })) {
      const path = below === '' ? entry.name : `${below}/${entry.name}`;
      if (leaveOut(path, entry.isDirectory())) continue;
      if (entry.isDirectory()) await visit(path);
      else if (entry.isFile()) files.push(await hashFile(folder, path));
      else throw linkError(folder, path);
    }
  };
  await visit('');
  return files.sort((a, b) => (a.path < b.path ? -1 : 1));
}

/** One digest over paths and contents, in order of the paths. */
export function digestOfFiles(files: readonly HashedFile[], more: readonly string[] = []): string {
  const hash = createHash('sha256');
  for (const file of files) hash.update(`${file.path}\0${file.sha256}\n`);
  for (const part of more) hash.update(`${part}\n`);
  return hash.digest('hex');
}

async function hashFile(folder: string, path: string): Promise<HashedFile> {
  const content = await readFile(join(folder, path));
  return { path, sha256: sha256Hex(content), bytes: content.length };
}

function linkError(folder: string, path: string): BakeoffError {
  return new BakeoffError({
    code: 'package-link',
    message: `${join(folder, path)} is a link or a special file; a package holds plain files only`,
    remedy: 'Replace it by the file that it points to, or remove it.',
  });
}
