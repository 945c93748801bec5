/**
 * Writes the build context of the driver's image: the driver as a bundle, its Dockerfile, and the licences of what is in it. Called by
 * bin/app.ts for the image that a deployment publishes, by the emulator's tests, and from the command line.
 */
import { copyFile, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join, relative, sep } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build, type Metafile } from 'esbuild';
import { z } from 'zod';

const here = import.meta.dirname;
const root = join(here, '../../..');

export interface DriverContext {
  /** Size of the bundle, source maps left out. */
  readonly bundleBytes: number;
  /** Packages in it, as `name version`. */
  readonly packages: readonly string[];
}

/** Where the bundle would lie in the sources: source maps name files from there, so that no path of this machine is in them. */
const VIRTUAL_FOLDER = join(root, 'build/driver');

const packageSchema = z.looseObject({ name: z.string(), version: z.string(), license: z.string().optional() });

/** Replaces what is in `folder`. Equal sources give equal files on every machine, so that an unchanged driver is no new image. */
export async function writeDriverContext(folder: string): Promise<DriverContext> {
  const bundle = join(folder, 'bundle');
  await rm(bundle, { recursive: true, force: true });
  const { metafile, outputFiles } = await build({
    absWorkingDir: root,
    entryPoints: ['lib/driver/main.ts', 'lib/driver/watchdog-thread.ts'],
    outdir: VIRTUAL_FOLDER,
    write: false,
    outExtension: { '.js': '.mjs' },
    ...{ bundle: true, splitting: true, minify: true, metafile: true, sourcemap: 'linked', sourcesContent: false },
    ...{
      platform: 'node',
      target: 'node24',
      format: 'esm',
      chunkNames: 'chunks/[name]-[hash]',
      legalComments: 'none',
      logLevel: 'warning',
    },
    // Packages that are CommonJS inside call `require` for Node's own modules.
    banner: { js: "import { createRequire as bakeoffRequire } from 'node:module'; const require = bakeoffRequire(import.meta.url);" },
  });
  for (const { path, contents } of outputFiles) {
    const target = join(bundle, relative(VIRTUAL_FOLDER, path));
    await mkdir(dirname(target), { recursive: true });
    await writeFile(target, contents);
  }
  const packages = await writeLicences(metafile, join(folder, 'third-party-licenses.txt'));
  await copyFile(join(root, 'LICENSE'), join(folder, 'LICENSE'));
  await copyFile(join(here, 'Dockerfile'), join(folder, 'Dockerfile'));
  const sizes = Object.entries(metafile.outputs).map(([path, { bytes }]) => (path.endsWith('.map') ? 0 : bytes));
  return { bundleBytes: sizes.reduce((sum, bytes) => sum + bytes, 0), packages };
}

/** Name, version and licence text of every package that the bundle has code of. */
async function writeLicences(metafile: Metafile, path: string): Promise<string[]> {
  const folders = new Set(Object.keys(metafile.inputs).flatMap((input) => packageFolderOf(input) ?? []));
  const packages: string[] = [];
  const parts: string[] = [];
  for (const folder of [...folders].sort()) {
    const { name, version, license } = packageSchema.parse(JSON.parse(await readFile(join(root, folder, 'package.json'), 'utf8')));
    packages.push(`${name} ${version}`);
    parts.push(`${name} ${version}: ${license ?? 'see its text'}\n\n${await licenceTextOf(join(root, folder), license)}`);
  }
  await writeFile(path, parts.join(`\n${'-'.repeat(80)}\n\n`));
  return packages;
}

function packageFolderOf(input: string): string | null {
  const parts = input.split('/');
  const at = parts.lastIndexOf('node_modules');
  if (at < 0) return null;
  const length = parts[at + 1]?.startsWith('@') ? 3 : 2;
  return parts.slice(0, at + length).join(sep);
}

/** Throws for a package whose licence has no text here: it must not be passed on without. */
async function licenceTextOf(folder: string, license: string | undefined): Promise<string> {
  const names = (await readdir(folder)).filter((name) => /^(licen[cs]e|notice|copying)/i.test(name)).sort();
  const texts = await Promise.all(names.map((name) => readFile(join(folder, name), 'utf8')));
  if (texts.length > 0) return texts.join('\n');
  if (license === 'Apache-2.0') return 'The text of this licence is that of the file LICENSE beside this one.\n';
  throw new Error(`${folder} comes without the text of its licence (${license ?? 'none named'})`);
}

const [, program, folder] = process.argv;
if (program !== undefined && import.meta.url === pathToFileURL(program).href) {
  if (folder === undefined) throw new Error(`usage: node ${program} FOLDER`);
  const { bundleBytes, packages } = await writeDriverContext(folder);
  process.stdout.write(`${folder}: bundle of ${(bundleBytes / 1024).toFixed(0)} KiB, code of ${packages.length} packages\n`);
}
