/**
 * What goes wrong with the cache folder, in words that say what to do.
 */
import { BakeoffError, messageOf } from '../../../core/errors.ts';

const DISK_FULL = /ENOSPC|EDQUOT|no space left|disk is full|quota exceeded/i;
/** ENOENT: what Node says of making a folder on a read-only disk. */
const NOT_WRITABLE = /ENOENT|EACCES|EPERM|EROFS|ENOTDIR|EEXIST|unable to open database|readonly database/;

/** `disk-full`, `cache-unwritable` or `cache-unusable`, from what the file system said. */
export function cacheError(path: string, cause: unknown): BakeoffError {
  const words = messageOf(cause);
  if (sayDiskFull(words)) return diskFullError(path, words);
  const unwritable = NOT_WRITABLE.test(words);
  return new BakeoffError({
    code: unwritable ? 'cache-unwritable' : 'cache-unusable',
    message: `cannot ${unwritable ? 'write to' : 'use'} the cache: ${path} (${words})`,
    remedy: unwritable
      ? 'Make the folder writable, or set BAKEOFF_CACHE to one that is.'
      : 'Run `bakeoff doctor`, or set BAKEOFF_CACHE to another folder.',
    kind: 'environment',
    cause,
  });
}

/** Whether an error or an installer speaks of a full disk or an exhausted quota. */
export function sayDiskFull(words: string): boolean {
  return DISK_FULL.test(words);
}

/** `words`: what the installer or the system said. */
export function diskFullError(path: string, words: string): BakeoffError {
  const line = words.split('\n').find(sayDiskFull)?.trim().slice(0, 300);
  return new BakeoffError({
    code: 'disk-full',
    message: `the disk is full: cannot write ${path}${line === undefined ? '' : ` (${line})`}`,
    remedy: 'Free space on that disk (`bakeoff clean` frees ours), or set BAKEOFF_CACHE to a folder on another one.',
    kind: 'environment',
  });
}
