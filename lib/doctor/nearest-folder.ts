/** The folder itself, or the nearest above it that exists: where it would be made. For checks that must not make it. */
import { existsSync, statSync } from 'node:fs';
import { dirname } from 'node:path';

/** The folder itself, or the first one above it that exists. */
export function nearestFolder(path: string): string {
  if (existsSync(path) && statSync(path).isDirectory()) return path;
  return dirname(path) === path ? path : nearestFolder(dirname(path));
}
