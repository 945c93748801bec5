/**
 * Reads one suite folder: `suite.yaml`, `items.jsonl`, and the digest of every file that an item names. What comes out is
 * whole and verified, or there is an error that names file, line and digest. Called by the registry.
 */
import { createHash } from 'node:crypto';
import { lstat, readFile, realpath, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { sha256Hex } from '../../core/canonical-json.ts';
import { BakeoffError, messageOf } from '../../core/errors.ts';
import type { RegisteredSuite } from '../../core/registry.ts';
import { attributesOf, type SuiteItem, suiteItemSchema, suiteManifestSchema } from '../../core/suite.ts';
import { readYamlFile } from './read-yaml-file.ts';

const MAX_ITEMS = 100_000;
const MAX_ITEMS_BYTES = 268_435_456;

/** Throws `suite-unreadable`, `suite-invalid`, `suite-item-invalid`, `suite-item-twice`, `suite-path` or `suite-corrupt`. */
export async function readSuite(folder: string): Promise<RegisteredSuite> {
  const manifest = await readYamlFile(join(folder, 'suite.yaml'), suiteManifestSchema, 'suite');
  const path = join(folder, manifest.items);
  const content = await readItemsFile(path);
  const items = parseItems(content.toString('utf8'), path);
  const fileDigests = await verifyFiles(items, folder);
  const digest = createHash('sha256').update(`${manifest.items}\0${sha256Hex(content)}\n`);
  for (const [name, sha256] of [...fileDigests].sort(([a], [b]) => (a < b ? -1 : 1))) digest.update(`${name}\0${sha256}\n`);
  return { manifest, digest: digest.digest('hex'), folder, itemCount: items.length, attributes: attributesOf(items), items };
}

async function readItemsFile(path: string): Promise<Buffer> {
  try {
    const { size } = await stat(path);
    if (size > MAX_ITEMS_BYTES) throw new Error(`${size} bytes; at most ${MAX_ITEMS_BYTES} are read`);
    return await readFile(path);
  } catch (thrown) {
    throw suiteError('suite-unreadable', `${path} cannot be read: ${messageOf(thrown)}`, 'Restore the file.', thrown);
  }
}

function parseItems(text: string, path: string): SuiteItem[] {
  const items: SuiteItem[] = [];
  const lineOfId = new Map<string, number>();
  for (const [index, line] of text.split('\n').entries()) {
    if (line.trim() === '') continue;
    const where = `${path}:${index + 1}`;
    const item = parseItem(line, where);
    const before = lineOfId.get(item.id.toLowerCase());
    if (before !== undefined) {
      throw suiteError(
        'suite-item-twice',
        `${where}: id "${item.id}" is used before, in line ${before} (case is ignored)`,
        'Give every item an id of its own.',
      );
    }
    lineOfId.set(item.id.toLowerCase(), index + 1);
    items.push(item);
  }
  if (items.length === 0 || items.length > MAX_ITEMS) {
    throw suiteError('suite-invalid', `${path} has ${items.length} items; expected 1 to ${MAX_ITEMS}`, 'Add items, or split the suite.');
  }
  return items;
}

function parseItem(line: string, where: string): SuiteItem {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch (thrown) {
    throw suiteError('suite-item-invalid', `${where}: not JSON: ${messageOf(thrown)}`, 'Write one JSON object per line.', thrown);
  }
  const parsed = suiteItemSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map((issue) => `${issue.path.join('.') || 'item'}: ${issue.message}`).join('; ');
  throw suiteError('suite-item-invalid', `${where}: ${problems}`, 'Correct the line.');
}

async function verifyFiles(items: readonly SuiteItem[], folder: string): Promise<Map<string, string>> {
  const realFolder = await realpath(folder);
  const digests = new Map<string, string>();
  for (const item of items) {
    for (const file of item.input.files ?? []) {
      const seen = digests.get(file.path) ?? (await hashSuiteFile(realFolder, file.path, item.id));
      digests.set(file.path, seen);
      if (seen === file.sha256) continue;
      const message = `${join(folder, file.path)} of item "${item.id}": seen SHA-256 ${seen}; expected ${file.sha256}`;
      throw suiteError('suite-corrupt', message, RESTORE, undefined, 'environment');
    }
  }
  return digests;
}

const RESTORE = 'Restore the file (for example with git checkout), or make the suite again with its script.';

async function hashSuiteFile(realFolder: string, path: string, itemId: string): Promise<string> {
  const isRelative = !path.startsWith('/') && !path.includes('\\') && !path.includes('\0');
  if (!isRelative || path.split('/').some((part) => part === '..' || part === '.' || part === '')) {
    throw suiteError('suite-path', `item "${itemId}" names the file "${path}"; expected a path inside the suite`, 'Correct the path.');
  }
  const absolute = join(realFolder, path);
  try {
    const isPlain = (await lstat(absolute)).isFile() && (await realpath(absolute)) === absolute;
    if (isPlain) return sha256Hex(await readFile(absolute));
  } catch (thrown) {
    const message = `${absolute} of item "${itemId}" cannot be read: ${messageOf(thrown)}`;
    throw suiteError('suite-corrupt', message, RESTORE, thrown, 'environment');
  }
  throw suiteError('suite-path', `${absolute} of item "${itemId}" is reached through a link, or is no file`, 'Put the file itself there.');
}

function suiteError(code: string, message: string, remedy: string, cause?: unknown, kind: 'usage' | 'environment' = 'usage'): BakeoffError {
  return new BakeoffError({ code, message, remedy, kind, cause });
}
