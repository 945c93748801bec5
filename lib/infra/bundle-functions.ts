/**
 * Bundles the functions of lambdas/ with all that they import, the AWS SDK too: what is tested is what runs. Once for all of them, so that
 * a synth takes a second; bin/app.ts and the emulator's app call it.
 */
import { cpSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { build, type Metafile } from 'esbuild';
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
    // Names of classes are names of errors, in logs and in what the SDK compares.
    keepNames: true,
    platform: 'node',
    target: 'node24',
    format: 'esm',
    mainFields: ['module', 'main'],
    charset: 'utf8',
    legalComments: 'none',
    metafile: true,
    logLevel: 'warning',
    banner: { js: REQUIRE_BANNER },
  });
  for (const name of WITH_REGISTRY) cpSync(registryFolder, join(folder, name, 'registry'), { recursive: true });
  return metafile;
}
