/**
 * Lets uv obey what the user has told pip: indexes, certificates, proxies, from pip's configuration files and PIP_ variables.
 * Called before an environment is built with uv. What the user has told uv itself stays.
 */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** pip's option, and uv's variable for it. */
const PAIRS = [
  ['index-url', 'UV_DEFAULT_INDEX'],
  ['extra-index-url', 'UV_INDEX'],
  ['find-links', 'UV_FIND_LINKS'],
  ['trusted-host', 'UV_INSECURE_HOST'],
  ['cert', 'SSL_CERT_FILE'],
  ['timeout', 'UV_HTTP_TIMEOUT'],
  ['proxy', 'ALL_PROXY'],
] as const;

/** Sections of `pip config list`, the strongest last. */
const SECTIONS = ['global', 'install', ':env:'];

/** Variables for uv that say what pip's own configuration says; nothing when there is no pip to ask. */
export async function uvSettingsFromPip(python: string, env: NodeJS.ProcessEnv): Promise<Record<string, string>> {
  try {
    const { stdout } = await run(python, ['-m', 'pip', 'config', 'list'], { env, timeout: 30_000 });
    return uvSettings(stdout, env);
  } catch {
    return {};
  }
}

/** From the output of `pip config list`, lines like `global.index-url='…'`. Pure, for the tests. */
export function uvSettings(pipConfigList: string, env: NodeJS.ProcessEnv): Record<string, string> {
  const found = new Map<string, string>();
  for (const section of SECTIONS) {
    for (const line of pipConfigList.split('\n')) {
      if (!line.startsWith(`${section}.`)) continue;
      const [, name, value] = /^([a-z-]+)='(.*)'$/.exec(line.slice(section.length + 1).trim()) ?? [];
      // A list is written over several lines, which pip shows as \n.
      if (name !== undefined && value !== undefined) found.set(name, value.replaceAll('\\n', ' ').trim());
    }
  }
  const settings = Object.fromEntries(
    PAIRS.flatMap(([option, variable]) => {
      const value = found.get(option);
      return value === undefined || env[variable] !== undefined ? [] : [[variable, value]];
    }),
  );
  // Every file is pinned by its hash, so it may come from any of the indexes, as with pip.
  return 'UV_INDEX' in settings && env.UV_INDEX_STRATEGY === undefined ? { ...settings, UV_INDEX_STRATEGY: 'unsafe-best-match' } : settings;
}
