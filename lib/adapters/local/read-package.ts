/**
 * Reads one package folder: its manifest, checked against its folder and files, and its digest. Called by the registry. Every
 * file is hashed once: the same hashes verify the pinned weights and make the digest.
 */
import { basename, join } from 'node:path';
import { BakeoffError } from '../../core/errors.ts';
import { type Manifest, manifestSchema } from '../../core/manifest.ts';
import { checkParam } from '../../core/params.ts';
import { digestOfFiles, type HashedFile, hashFolder } from './digest-folder.ts';
import { readYamlFile } from './read-yaml-file.ts';

export interface PackageFolder {
  readonly manifest: Manifest;
  readonly digest: string;
  readonly folder: string;
}

/** What does not change how a package answers is not part of its identity. */
function isOutsideIdentity(path: string, isFolder: boolean): boolean {
  const name = basename(path);
  if (name.startsWith('.')) return true;
  if (isFolder) return name === '__pycache__' || name === 'node_modules' || path === 'tests' || path === 'training';
  return path === 'README.md' || name.endsWith('.in') || name.endsWith('.pyc');
}

/** Digest of the Python SDK's sources: part of the identity of every Python package. */
export async function digestSdk(folder: string): Promise<string> {
  return digestOfFiles(await hashFolder(folder, isOutsideIdentity));
}

/** Throws `package-unreadable`, `package-invalid`, `package-misnamed`, `package-link` or `package-corrupt`. */
export async function readPackage(folder: string, sdkDigest: () => Promise<string>): Promise<PackageFolder> {
  const manifest = await readYamlFile(join(folder, 'model.yaml'), manifestSchema, 'package');
  checkName(manifest, folder);
  checkDefaults(manifest, folder);
  const files = await hashFolder(folder, isOutsideIdentity);
  checkPinnedFiles(manifest, folder, files);
  const digest = digestOfFiles(files, 'python' in manifest.runtime ? [await sdkDigest()] : []);
  return { manifest, digest, folder };
}

function checkName(manifest: Manifest, folder: string): void {
  if (manifest.id === basename(folder)) return;
  throw new BakeoffError({
    code: 'package-misnamed',
    message: `${join(folder, 'model.yaml')} has id "${manifest.id}"; expected the name of its folder, "${basename(folder)}"`,
    remedy: 'Rename the folder, or change the id.',
  });
}

function checkDefaults(manifest: Manifest, folder: string): void {
  if (manifest.kind === 'evaluator') return;
  for (const [name, schema] of Object.entries(manifest.params.properties)) {
    if (schema.default === undefined || checkParam(schema, schema.default) === null) continue;
    throw new BakeoffError({
      code: 'package-invalid',
      message: `${join(folder, 'model.yaml')}: the default of param "${name}" is ${JSON.stringify(schema.default)}, which its own schema refuses`,
      remedy: 'Correct the default or the schema.',
    });
  }
}

function checkPinnedFiles(manifest: Manifest, folder: string, files: readonly HashedFile[]): void {
  const byPath = new Map(files.map((file) => [file.path, file]));
  for (const pinned of [...manifest.weights, ...manifest.files]) {
    const file = byPath.get(pinned.path);
    if (file !== undefined && file.sha256 === pinned.sha256 && file.bytes === pinned.bytes) continue;
    const seen = file === undefined ? 'no such file' : `SHA-256 ${file.sha256}, ${file.bytes} bytes`;
    throw new BakeoffError({
      code: 'package-corrupt',
      message: `${join(folder, pinned.path)}: seen ${seen}; expected SHA-256 ${pinned.sha256}, ${pinned.bytes} bytes`,
      remedy: 'Restore the file (for example with git checkout), or correct its digest in model.yaml.',
      kind: 'environment',
    });
  }
}
