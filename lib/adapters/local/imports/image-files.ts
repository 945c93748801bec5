/**
 * Images of an import: told by their first bytes, hashed, and written into the new suite under their digest, so that equal images are one file. What
 * is not kept after all is removed again. Called for every entry that carries or names an image.
 */
import { mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { sha256Hex } from '../../../core/canonical-json.ts';
import type { ImportedFile } from '../../../core/imports/finish-item.ts';
import type { EntryImage } from '../../../core/imports/source-entry.ts';
import type { SourceFinder } from './source-files.ts';

const MAX_IMAGE_BYTES = 67_108_864;

export interface ImageFiles {
  /** The file inside the suite, or why there is none. Every call is undone by one of `drop`. */
  readonly take: (image: EntryImage) => Promise<ImportedFile | string>;
  readonly drop: (path: string) => Promise<void>;
}

/** `source`: where paths lead; null when the entries come without a folder. */
export function imageFiles(suiteFolder: string, source: Pick<SourceFinder, 'find'> | null): ImageFiles {
  const uses = new Map<string, number>();
  const take: ImageFiles['take'] = async (image) => {
    const bytes = await bytesOf(image, source);
    if (typeof bytes === 'string') return bytes;
    const kind = imageKind(bytes);
    if (kind === null) return `${nameOf(image)} is no PNG, JPEG, WebP, GIF, BMP or TIFF image`;
    const sha256 = sha256Hex(bytes);
    const path = `files/${sha256}.${kind.extension}`;
    const before = uses.get(path) ?? 0;
    uses.set(path, before + 1);
    if (before === 0) {
      await mkdir(join(suiteFolder, 'files'), { recursive: true });
      await writeFile(join(suiteFolder, path), bytes);
    }
    return { path, sha256, contentType: kind.contentType };
  };
  const drop: ImageFiles['drop'] = async (path) => {
    const left = (uses.get(path) ?? 1) - 1;
    uses.set(path, left);
    if (left === 0) await rm(join(suiteFolder, path), { force: true });
  };
  return { take, drop };
}

function nameOf(image: EntryImage): string {
  return JSON.stringify((image.kind === 'path' ? image.path : image.name).slice(0, 120));
}

async function bytesOf(image: EntryImage, source: Pick<SourceFinder, 'find'> | null): Promise<Uint8Array | string> {
  if (image.kind === 'bytes') return image.bytes.length <= MAX_IMAGE_BYTES ? image.bytes : tooLarge(image, image.bytes.length);
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(image.path)) return `the image ${nameOf(image)} is an address; addresses are not fetched`;
  if (source === null) return `the image ${nameOf(image)} has no folder to lie in: give a file, not standard input`;
  const found = await source.find(image.path);
  if ('why' in found) return found.why;
  const { size } = await stat(found.absolute);
  return size <= MAX_IMAGE_BYTES ? readFile(found.absolute) : tooLarge(image, size);
}

function tooLarge(image: EntryImage, bytes: number): string {
  return `${nameOf(image)} has ${bytes} bytes; at most ${MAX_IMAGE_BYTES} are taken`;
}

interface ImageKind {
  readonly contentType: string;
  readonly extension: string;
}

/** By the signature at the start of the bytes; null for anything else, SVG among it. */
export function imageKind(bytes: Uint8Array): ImageKind | null {
  const head = Buffer.from(bytes.subarray(0, 16)).toString('latin1');
  if (head.startsWith('\x89PNG\r\n\x1a\n')) return { contentType: 'image/png', extension: 'png' };
  if (head.startsWith('\xff\xd8\xff')) return { contentType: 'image/jpeg', extension: 'jpg' };
  if (head.startsWith('RIFF') && head.slice(8, 12) === 'WEBP') return { contentType: 'image/webp', extension: 'webp' };
  if (head.startsWith('GIF87a') || head.startsWith('GIF89a')) return { contentType: 'image/gif', extension: 'gif' };
  if (head.startsWith('II*\0') || head.startsWith('MM\0*')) return { contentType: 'image/tiff', extension: 'tif' };
  if (head.startsWith('BM') && bytes.length > 26) return { contentType: 'image/bmp', extension: 'bmp' };
  return null;
}
