/** The name of an image by digest, taken apart. A tag may move, so none is allowed. Used where images are registered. */
import { BakeoffError } from './errors.ts';

export interface ImageName {
  readonly registry: string;
  readonly repository: string;
  /** 64 hex digits. */
  readonly digest: string;
  /** Of an ECR registry; null for any other. */
  readonly account: string | null;
}

const IMAGE = /^([a-z0-9][a-z0-9.-]{0,252}(?::\d{1,5})?)\/([a-z0-9][a-z0-9._/-]{0,254})@sha256:([0-9a-f]{64})$/;
const ECR_HOST = /^(\d{12})\.dkr\.ecr(?:-fips)?\.[a-z0-9-]+\.amazonaws\.com(?:\.cn)?$/;

/** Throws `bad-image` unless it is `<registry>/<repository>@sha256:<digest>`. */
export function parseImageName(image: string): ImageName {
  const [, registry, repository, digest] = IMAGE.exec(image) ?? [];
  if (registry !== undefined && repository !== undefined && digest !== undefined) {
    return { registry, repository, digest, account: ECR_HOST.exec(registry)?.[1] ?? null };
  }
  throw new BakeoffError({
    code: 'bad-image',
    message: `${JSON.stringify(image.slice(0, 200))} does not name an image by its digest`,
    remedy: 'Write <registry>/<repository>@sha256:<64 hex digits>.',
  });
}
