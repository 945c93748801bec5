/**
 * A folder for everything that the other load generators need and leave: their environments, built from locks with hashes as those of packages
 * are, a tokenizer made on the spot (both want one by name, and nothing may be fetched), their homes and results. Removed at the end.
 */
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { environments } from '../../lib/adapters/local/process/environments.ts';
import { environment, readSettings } from '../../lib/settings.ts';
import { lockAsPackage } from '../../test/lock-as-package.ts';

/** Where these programs look for what they have fetched before. */
export const TOKENIZER = 'bakeoff/tiny';
const REVISION = '0';

export interface ThrowAway {
  /** The folder of the programs of the environment that a lock of this folder makes. */
  readonly install: (tool: string) => Promise<string>;
  /** Runs one of these by its Python (environments move when they are whole, which a script's first line does not know); nothing but the machine itself can be reached by what obeys these variables. Throws with what it said. */
  readonly execute: (programs: string, args: readonly string[]) => Promise<void>;
  /** Where the tokenizer lies that goes by the name of `TOKENIZER`. */
  readonly tokenizerFolder: string;
  /** An empty folder for results. */
  readonly results: () => Promise<string>;
  readonly remove: () => Promise<void>;
}

const run = promisify(execFile);

export async function throwAway(): Promise<ThrowAway> {
  const folder = await mkdtemp(join(tmpdir(), 'bakeoff-load-generators-'));
  const home = join(folder, 'home');
  await mkdir(home);
  const built = environments({ cacheDir: join(folder, 'cache'), python: readSettings(environment()).python, installerEnv: environment() });
  const offline = { HF_HUB_OFFLINE: '1', TRANSFORMERS_OFFLINE: '1', HF_HUB_DISABLE_TELEMETRY: '1', DO_NOT_TRACK: '1', NO_PROXY: '*' };
  const env = { PATH: environment().PATH, HOME: home, HF_HOME: join(home, 'hf'), ...offline, OMP_NUM_THREADS: '1' };
  const execute: ThrowAway['execute'] = async (programs, args) => {
    await run(join(programs, 'python'), [...args], { env, cwd: folder, maxBuffer: 1 << 26, timeout: 600_000 }).catch((error) => {
      throw new Error(`${args[0]?.split('/').at(-1)}: ${lastLines(String(error.stderr || error.stdout || error.message))}`);
    });
  };
  const model = join(home, 'hf', 'hub', `models--${TOKENIZER.replace('/', '--')}`);
  const tokenizerFolder = join(model, 'snapshots', REVISION);
  return {
    execute,
    tokenizerFolder,
    install: async (tool) => {
      const { folder: installed } = await built.prepare(lockAsPackage(tool, import.meta.dirname, `${tool}.lock`));
      const programs = join(installed, 'bin');
      await mkdir(tokenizerFolder, { recursive: true });
      await mkdir(join(model, 'refs'), { recursive: true });
      await writeFile(join(model, 'refs', 'main'), REVISION);
      await execute(programs, [join(import.meta.dirname, 'make_tokenizer.py'), tokenizerFolder]);
      return programs;
    },
    results: () => mkdtemp(join(folder, 'results-')),
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}

function lastLines(text: string): string {
  return text.trim().split('\n').slice(-5).join(' ').slice(-500);
}
