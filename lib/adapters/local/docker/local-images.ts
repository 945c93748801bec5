/**
 * Images by reference: which one a reference means now, whether it is here, and how long it took to bring. A reference by digest is the
 * registry's digest, or, for an image that was never in a registry, the image's own id. Called by the compute and by planning.
 */
import type { ImageInspectInfo } from 'dockerode';
import { BakeoffError } from '../../../core/errors.ts';
import { digestOfReference, nameOfReference, withDigest } from '../../../core/image-reference.ts';
import { daemonFault, type DockerClient, daemonWords, statusOf } from './docker-client.ts';

export interface LocalImage {
  /** `sha256:…` of the image on this machine. */
  readonly id: string;
  /** What `<name>@sha256:` of the reference says: 64 hex digits. */
  readonly digest: string;
  /** Milliseconds that the pull or build took; null when the image was here. */
  readonly broughtMs: number | null;
}

export interface ImageTools {
  readonly docker: DockerClient;
  readonly socketPath: string;
  /** Told before a pull and after it. */
  readonly onEvent?: (event: { readonly event: 'pulling' | 'pulled'; readonly id: string; readonly ms: number }) => void;
}

/** The reference with its digest: what is here, else what the registry says. Throws `image-missing`, `docker-unreachable`. */
export async function resolveReference({ docker, socketPath }: ImageTools, reference: string): Promise<string> {
  if (digestOfReference(reference) !== null) return reference;
  try {
    const here = await inspected(docker, reference);
    if (here !== null) return withDigest(reference, digestHere(here, reference));
    const there: unknown = await docker.getImage(reference).distribution();
    return withDigest(reference, distributionDigest(there));
  } catch (cause) {
    throw daemonFault(cause, socketPath) ?? missing(reference, cause);
  }
}

/** Brings the image when it is not here. Throws `image-missing`, `image-architecture`, `docker-unreachable`. */
export async function ensureImage(tools: ImageTools, reference: string): Promise<LocalImage> {
  const { docker, socketPath } = tools;
  const digest = digestOfReference(reference) ?? '';
  try {
    const here = (await inspected(docker, reference)) ?? (await inspected(docker, `sha256:${digest}`));
    if (here !== null) return { ...(await fitting(docker, here, reference)), digest, broughtMs: null };
    const startMs = performance.now();
    tools.onEvent?.({ event: 'pulling', id: reference, ms: 0 });
    await pull(docker, reference);
    const ms = performance.now() - startMs;
    tools.onEvent?.({ event: 'pulled', id: reference, ms });
    return { ...(await fitting(docker, await docker.getImage(reference).inspect(), reference)), digest, broughtMs: ms };
  } catch (cause) {
    if (cause instanceof BakeoffError) throw cause;
    throw daemonFault(cause, socketPath) ?? missing(reference, cause);
  }
}

/** Null when there is no such image here. */
export async function inspected(docker: DockerClient, reference: string): Promise<ImageInspectInfo | null> {
  try {
    return await docker.getImage(reference).inspect();
  } catch (cause) {
    if (statusOf(cause) === 404) return null;
    throw cause;
  }
}

/** Resolves when every layer is here; rejects with the registry's words. */
async function pull(docker: DockerClient, reference: string): Promise<void> {
  const stream = await docker.pull(reference);
  await new Promise<void>((resolve, reject) => {
    docker.modem.followProgress(stream, (error) => (error === null || error === undefined ? resolve() : reject(error)));
  });
}

/** An image of another architecture runs under emulation at best, and its figures would say nothing. */
async function fitting(docker: DockerClient, image: ImageInspectInfo, reference: string): Promise<{ readonly id: string }> {
  const { Arch: machine } = await docker.version();
  if (image.Architecture === machine) return { id: image.Id };
  throw new BakeoffError({
    code: 'image-architecture',
    message: `the image ${reference} is for ${image.Os}/${image.Architecture}; this machine runs linux/${machine}`,
    remedy: `Name an image for linux/${machine}, by its own digest where the reference holds several.`,
    kind: 'environment',
  });
}

/** Of an image that is here: the registry's digest under this name, else its id. */
function digestHere(image: ImageInspectInfo, reference: string): string {
  const name = nameOfReference(reference);
  const ofName = (image.RepoDigests ?? []).find((each) => nameOfReference(each) === name);
  return (ofName === undefined ? null : digestOfReference(ofName)) ?? image.Id.replace('sha256:', '');
}

function distributionDigest(answer: unknown): string {
  const descriptor = typeof answer === 'object' && answer !== null && 'Descriptor' in answer ? answer.Descriptor : null;
  const digest = typeof descriptor === 'object' && descriptor !== null && 'digest' in descriptor ? descriptor.digest : null;
  const hex = /^sha256:([0-9a-f]{64})$/.exec(String(digest))?.[1];
  if (hex === undefined) throw new TypeError(`the registry names no sha256 digest: ${String(digest)}`);
  return hex;
}

function missing(reference: string, cause: unknown): BakeoffError {
  return new BakeoffError({
    code: 'image-missing',
    message: `the image ${reference} is not on this machine and cannot be had: ${daemonWords(cause)}`,
    remedy: 'Build or load it here, or log in to its registry with `docker login` and pull it.',
    kind: 'environment',
    cause,
  });
}
