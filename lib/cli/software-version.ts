/** Which Bakeoff this is, and where it is installed. Used by bin/, the help and plans. */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';

/** The folder that holds `models/` and `examples/`. */
export const INSTALLATION_ROOT: string = resolve(import.meta.dirname, '../..');

export const SOFTWARE_VERSION: string = readVersion(resolve(INSTALLATION_ROOT, 'package.json'));

function readVersion(path: string): string {
  const document: unknown = JSON.parse(readFileSync(path, 'utf8'));
  if (typeof document === 'object' && document !== null && 'version' in document && typeof document.version === 'string') {
    return document.version;
  }
  throw new TypeError(`${path} has no version`);
}
