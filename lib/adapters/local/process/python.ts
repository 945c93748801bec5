/**
 * Finds CPython 3.11 and what it can do. Called before an environment is built, and by `bakeoff doctor`.
 */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { z } from 'zod';
import { BakeoffError } from '../../../core/errors.ts';
import { findOnPath } from './cpu-affinity.ts';

const run = promisify(execFile);
const NAMES = ['python3.11', 'python3', 'python'];
/** Written for any Python 3, so that another version can say which one it is. */
const PROBE = `
import sys, platform, sysconfig, json
from importlib.util import find_spec
print(json.dumps({'executable': sys.executable, 'implementation': platform.python_implementation(), 'version': platform.python_version(),
  'platform': sysconfig.get_platform(), 'pip': find_spec('pip') is not None,
  'venv': find_spec('venv') is not None and find_spec('ensurepip') is not None}))
`;

const probeSchema = z.object({
  /** The interpreter itself, behind shims and links of version managers. */
  executable: z.string().min(1),
  implementation: z.string(),
  version: z.string(),
  /** E.g. `linux-x86_64`. */
  platform: z.string(),
  pip: z.boolean(),
  /** Whether it can make virtual environments with pip (`venv` and `ensurepip`, which Debian packs apart). */
  venv: z.boolean(),
});
export type Python = z.infer<typeof probeSchema>;

/** Where to look: a path given by the user counts alone. */
export interface PythonSearch {
  readonly path: string;
  readonly home: string;
  /** BAKEOFF_PYTHON. */
  readonly python: string | null;
}

/** CPython 3.11 of the user's choice or of the PATH. Throws `python-missing`, naming what was found instead. */
export async function findPython(search: PythonSearch): Promise<Python> {
  const candidates = search.python === null ? NAMES.map((name) => findOnPath(name, search.path)) : [search.python];
  const seen: string[] = [];
  for (const path of candidates) {
    if (path === null) continue;
    const python = await probePython(path, search);
    if (python?.implementation === 'CPython' && /^3\.11\./.test(python.version)) return python;
    seen.push(python === null ? `${path} (does not run)` : `${path} (${python.implementation} ${python.version})`);
  }
  throw new BakeoffError({
    code: 'python-missing',
    message: `no CPython 3.11: ${seen.length === 0 ? 'there is no python3.11, python3 or python on the PATH' : `found ${seen.join(', ')}`}`,
    remedy:
      'Install CPython 3.11 (Debian 12: `apt-get install python3.11 python3.11-venv`; macOS: `brew install python@3.11`) and put it on the PATH, or set BAKEOFF_PYTHON to it.',
    kind: 'environment',
  });
}

/** What an interpreter says about itself; null when it does not run. */
async function probePython(path: string, search: PythonSearch): Promise<Python | null> {
  try {
    const { stdout } = await run(path, ['-c', PROBE], { env: { PATH: search.path, HOME: search.home }, timeout: 20_000 });
    return probeSchema.parse(JSON.parse(stdout));
  } catch {
    return null;
  }
}
