/**
 * Where things lie in the cache folder (`BAKEOFF_CACHE`). Everything in it can be made again.
 */
import { join } from 'node:path';

export interface CacheLayout {
  readonly root: string;
  /** `<digest>/`: built environments; `<digest>.aside-<random>/`: under construction or left by a kill. */
  readonly environments: string;
  /** Tools fetched by hash, e.g. `uv-0.13.8/`. */
  readonly tools: string;
  /** Downloads of uv, and of npm. */
  readonly downloads: string;
  readonly locks: string;
  /** Node's compiled code: only speed is lost with it. */
  readonly compiled: string;
}

/** Where everything lies below `root`; nothing is made. */
export function cacheLayout(root: string): CacheLayout {
  return {
    root,
    environments: join(root, 'environments'),
    tools: join(root, 'tools'),
    downloads: join(root, 'downloads'),
    locks: join(root, 'locks'),
    compiled: join(root, 'compiled'),
  };
}
