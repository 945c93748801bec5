/** The images of a spec by their digests: a tag may move, and a run never mixes two images. Called by verbs before they plan. */
import { dockerClient, dockerSocket } from '../adapters/local/docker/docker-client.ts';
import { resolveReference } from '../adapters/local/docker/local-images.ts';
import { digestOfReference } from '../core/image-reference.ts';
import type { Spec } from '../core/spec.ts';

/** Asks Docker only where a tag is named. Throws `docker-unreachable`, `image-missing`, `docker-host`. */
export async function resolveImages(spec: Spec, dockerHost: string | null): Promise<Spec> {
  if (spec.models.every(({ image }) => image === undefined || digestOfReference(image) !== null)) return spec;
  const socketPath = dockerSocket(dockerHost);
  const tools = { docker: await dockerClient(socketPath), socketPath };
  const models: Spec['models'] = [];
  for (const entry of spec.models) {
    models.push(entry.image === undefined ? entry : { ...entry, image: await resolveReference(tools, entry.image) });
  }
  return { ...spec, models };
}
