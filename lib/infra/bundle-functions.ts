/**
 * Bundles the functions of lambdas/ with all that they import, the AWS SDK too: what is tested is what runs. Once for all of them, so that
 * a synth takes a second; deployment-app.ts calls it. Code stays below 512 KB zipped (280 to 515 KB, the report's charts being the most);
 * four functions carry the registry too, whose suites with their images are 330 KB.
 */
import { cpSync, mkdirSync, rmSync } from 'node:fs';
import { join, sep } from 'node:path';
import { build, type Metafile, type Plugin } from 'esbuild';
import { FUNCTION_NAMES, type FunctionName } from './functions.ts';

export interface BundleRequest {
  /** Folder of the repository. */
  readonly root: string;
  /** Emptied first; afterwards it holds `<function>/index.mjs`. */
  readonly folder: string;
  /** Folder of the registry of the deployment, copied beside the functions that read it. */
  readonly registryFolder: string;
}

/** Functions that read what is registered. */
const WITH_REGISTRY: readonly FunctionName[] = ['launcher', 'plan', 'api', 'register-model'];

/** Packages in CommonJS call require(); in an ES module it has to be made. */
const REQUIRE_BANNER = `import { createRequire as bakeoffCreateRequire } from 'node:module'; const require = bakeoffCreateRequire(import.meta.url);`;

/** zod brings its messages in fifty languages, 270 KB of each bundle; it falls back to English by itself, and we use no other. */
const ENGLISH_ALONE: Plugin = {
  name: 'english-alone',
  setup: ({ onResolve, onLoad }) => {
    onResolve({ filter: /locales\/index\.js$/ }, ({ importer }) =>
      importer.includes(`${sep}zod${sep}`) ? { path: 'locales', namespace: 'english-alone' } : null,
    );
    onLoad({ filter: /^locales$/, namespace: 'english-alone' }, () => ({ contents: 'export {};' }));
  },
};

/** Answers esbuild's account of what went into each bundle. */
export async function bundleFunctions({ root, folder, registryFolder }: BundleRequest): Promise<Metafile> {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: FUNCTION_NAMES.map((name) => ({ in: join(root, 'lambdas', `${name}.ts`), out: join(name, 'index') })),
    outdir: folder,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    minify: true,
    platform: 'node',
    target: 'node24',
    format: 'esm',
    mainFields: ['module', 'main'],
    charset: 'utf8',
    legalComments: 'none',
    metafile: true,
    plugins: [ENGLISH_ALONE],
    logLevel: 'warning',
    banner: { js: REQUIRE_BANNER },
  });
  for (const name of WITH_REGISTRY) cpSync(registryFolder, join(folder, name, 'registry'), { recursive: true });
  return metafile;
}
