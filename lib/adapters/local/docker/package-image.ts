/**
 * The image of a package, built from its Dockerfile when no image of this very package is here. Its tag carries the package's digest, so a
 * package that has changed is built anew. Called by the compute.
 */
import { spawn } from 'node:child_process';
import { basename, dirname, join } from 'node:path';
import { BakeoffError } from '../../../core/errors.ts';
import type { LocalPackage } from '../process/local-package.ts';
import { daemonFault, daemonWords } from './docker-client.ts';
import { type ImageTools, inspected, type LocalImage } from './local-images.ts';

export interface PackageImageOptions {
  /** The folder of the Python SDK, `models/_server/src`: part of every build context. */
  readonly sdkFolder: string;
  /** Instead of the Dockerfile's own base image; null keeps that. */
  readonly baseImage: string | null;
  /** Proxies of the user, for what the build fetches. */
  readonly installerEnv: NodeJS.ProcessEnv;
}

const PROXIES = ['http_proxy', 'https_proxy', 'no_proxy', 'HTTP_PROXY', 'HTTPS_PROXY', 'NO_PROXY'];

/** Throws `image-not-built` with the builder's last words, `docker-unreachable`. */
export async function packageImage(tools: ImageTools, own: LocalPackage, options: PackageImageOptions): Promise<LocalImage> {
  const tag = packageTag(own);
  try {
    const here = await inspected(tools.docker, tag);
    if (here !== null) return { id: here.Id, digest: here.Id.replace('sha256:', ''), broughtMs: null };
    const startMs = performance.now();
    tools.onEvent?.({ event: 'pulling', id: tag, ms: 0 });
    await build(tools, own, tag, options);
    const built = await tools.docker.getImage(tag).inspect();
    const ms = performance.now() - startMs;
    tools.onEvent?.({ event: 'pulled', id: tag, ms });
    return { id: built.Id, digest: built.Id.replace('sha256:', ''), broughtMs: ms };
  } catch (cause) {
    if (cause instanceof BakeoffError) throw cause;
    throw daemonFault(cause, tools.socketPath) ?? notBuilt(own, daemonWords(cause), cause);
  }
}

/** `bakeoff/<id>:<digest>`, with what Docker does not take in names replaced. */
export function packageTag({ manifest, digest }: LocalPackage): string {
  const name = manifest.id
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '');
  return `bakeoff/${name}:${digest.slice(0, 16)}`;
}

async function build({ docker }: ImageTools, own: LocalPackage, tag: string, options: PackageImageOptions): Promise<void> {
  const { installerEnv, baseImage } = options;
  const proxies = PROXIES.flatMap((name): [string, string][] => {
    const value = installerEnv[name];
    return value === undefined || value === '' ? [] : [[name, value]];
  });
  const settings = {
    t: tag,
    dockerfile: `${basename(own.folder)}/Dockerfile`,
    buildargs: { ...Object.fromEntries(proxies), ...(baseImage === null ? {} : { BASE_IMAGE: baseImage }) },
    labels: { 'dev.bakeoff.package': own.manifest.id },
    forcerm: true,
    // A proxy is often one of this machine, which a network of the build's own would not reach.
    ...(proxies.length === 0 ? {} : { networkmode: 'host' }),
  };
  const stream = await docker.buildImage(context(own.folder, options.sdkFolder), settings);
  await new Promise<void>((resolve, reject) => {
    docker.modem.followProgress(stream, (error, output) => {
      const said: unknown = output?.findLast((each: unknown) => typeof each === 'object' && each !== null && 'error' in each);
      const fault = error ?? (said === undefined ? null : new Error(JSON.stringify(said)));
      if (fault === null) resolve();
      else reject(fault);
    });
  });
}

/** The build context: the package, and the SDK under `_server/src`, as Dockerfiles of packages expect them. */
function context(folder: string, sdkFolder: string): NodeJS.ReadableStream {
  const exclude = ['__pycache__', 'node_modules', 'tests', 'training'].map((name) => `--exclude=${name}`);
  const models = dirname(dirname(sdkFolder));
  const words = [...exclude, '--create', '-C', models, '_server/src', '-C', dirname(folder), basename(folder)];
  return spawn('tar', words, { stdio: ['ignore', 'pipe', 'ignore'] }).stdout;
}

function notBuilt({ manifest, folder }: LocalPackage, words: string, cause: unknown): BakeoffError {
  return new BakeoffError({
    code: 'image-not-built',
    message: `the image of ${manifest.id} could not be built from ${join(folder, 'Dockerfile')}: ${words.slice(-1500)}`,
    remedy: 'Mend what the builder names (BAKEOFF_BASE_IMAGE names another base image), or use --env process.',
    kind: 'environment',
    cause,
  });
}
