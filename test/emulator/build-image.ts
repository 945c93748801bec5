/** Builds one image from a Dockerfile under a tag that is the digest of its content, so that it is built once. */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { hasImage, IMAGE_PREFIX, OURS, ourImages } from './image-names.ts';
import { runCommand } from './run-command.ts';

export interface ImageRecipe {
  readonly name: string;
  readonly dockerfile: string;
  readonly context: string;
  readonly baseImage: string;
  /** Files and folders whose content is the image's. */
  readonly sources: readonly string[];
}

export interface BuiltImage {
  readonly tag: string;
  readonly wasBuilt: boolean;
}

/** Proxies are known to `docker build` by these names and stay out of the image. */
const PROXIES = ['http_proxy', 'https_proxy', 'no_proxy', 'HTTP_PROXY', 'HTTPS_PROXY', 'NO_PROXY'];

export async function ensureImage(recipe: ImageRecipe): Promise<BuiltImage> {
  const tag = `${IMAGE_PREFIX}/${recipe.name}:${digestOf(recipe)}`;
  if (await hasImage(tag)) return { tag, wasBuilt: false };
  const proxies = PROXIES.filter((name) => process.env[name]).flatMap((name) => ['--build-arg', name]);
  const settings = ['--network', 'host', '--label', `${OURS}=image`, '--build-arg', `BASE_IMAGE=${recipe.baseImage}`, ...proxies];
  const env = { ...process.env, DOCKER_BUILDKIT: '0' };
  await runCommand('docker', ['build', '-q', ...settings, '-f', recipe.dockerfile, '-t', tag, recipe.context], { env });
  await removeOlder(recipe.name, tag);
  return { tag, wasBuilt: true };
}

function digestOf(recipe: ImageRecipe): string {
  const hash = createHash('sha256').update(recipe.baseImage);
  for (const path of [recipe.dockerfile, ...recipe.sources].flatMap(filesBelow).sort()) {
    const body = readFileSync(path);
    hash.update(`${relative(recipe.context, path)}\0${body.length}\0`).update(body);
  }
  return hash.digest('hex').slice(0, 16);
}

function filesBelow(path: string): string[] {
  const entries = (() => {
    try {
      return readdirSync(path, { withFileTypes: true });
    } catch {
      return null;
    }
  })();
  if (entries === null) return [path];
  const kept = entries.filter(({ name }) => !['node_modules', '__pycache__', 'tests', 'training'].includes(name));
  return kept.flatMap((entry) =>
    entry.isDirectory() ? filesBelow(join(path, entry.name)) : entry.isFile() ? [join(path, entry.name)] : [],
  );
}

/** One version of each image is kept: the next run needs no other. In use ones stay until the next time. */
async function removeOlder(name: string, kept: string): Promise<void> {
  const older = (await ourImages(name)).filter((tag) => tag !== kept);
  for (const tag of older) await runCommand('docker', ['image', 'rm', tag]).catch(() => undefined);
}
