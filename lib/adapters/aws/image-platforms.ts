/**
 * For which machines the images of a deployment are made: from the manifest in ECR, or from the configuration that it names. Called for
 * `bakeoff doctor`; parsing is apart from asking.
 */
import { BatchGetImageCommand, type ECRClient, GetDownloadUrlForLayerCommand } from '@aws-sdk/client-ecr';
import { DescribeTaskDefinitionCommand, type ECSClient } from '@aws-sdk/client-ecs';
import { z } from 'zod';
import { BakeoffError } from '../../core/errors.ts';
import { explainAwsError } from './explain-aws-error.ts';
import { readBounded } from './read-bounded.ts';
import { ownTaskDefinitions } from './teardown-task-definitions.ts';

export interface ImagePlatforms {
  readonly image: string;
  /** Such as `linux/amd64`; null for an image that is in no ECR registry, or no longer there. */
  readonly platforms: readonly string[] | null;
}

const ECR_IMAGE =
  /^(\d{12})\.dkr\.ecr\.([a-z0-9-]+)\.amazonaws\.com(?:\.cn)?\/([a-z0-9._/-]+?)(?:@(sha256:[0-9a-f]{64})|:([\w.-]{1,128}))$/;

export interface EcrImage {
  readonly registryId: string;
  readonly repositoryName: string;
  readonly imageId: { readonly imageDigest: string } | { readonly imageTag: string };
}

/** Null for what is no image in ECR. */
export function parseEcrImage(image: string): EcrImage | null {
  const [, registryId, , repositoryName, digest, tag] = ECR_IMAGE.exec(image) ?? [];
  if (registryId === undefined || repositoryName === undefined) return null;
  if (digest !== undefined) return { registryId, repositoryName, imageId: { imageDigest: digest } };
  return tag === undefined ? null : { registryId, repositoryName, imageId: { imageTag: tag } };
}

const platformSchema = z.object({ os: z.string(), architecture: z.string() });
const manifestSchema = z.union([
  z.object({ manifests: z.array(z.object({ platform: platformSchema.optional() })) }),
  z.object({ config: z.object({ digest: z.string() }) }),
]);

/** An index lists its platforms; a single manifest names the configuration that has it. `unknown/unknown` is an attestation. */
export function readManifest(text: string): { readonly platforms: string[] } | { readonly configDigest: string } {
  const manifest = manifestSchema.parse(JSON.parse(text));
  if ('config' in manifest) return { configDigest: manifest.config.digest };
  const known = manifest.manifests.flatMap(({ platform }) => (platform === undefined ? [] : [platformName(platform)]));
  return { platforms: [...new Set(known.filter((name) => name !== 'unknown/unknown'))] };
}

function platformName({ os, architecture }: z.infer<typeof platformSchema>): string {
  return `${os}/${architecture}`;
}

/** More would take a doctor too long; the packages of the examples are ten. */
const MOST_IMAGES = 60;
const MOST_CONFIG_BYTES = 4 << 20;
const MEDIA_TYPES = [
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.docker.distribution.manifest.v2+json',
];

/** Of every image in the task definitions of the stack. */
export async function imagePlatforms(
  clients: { readonly ecs: ECSClient; readonly ecr: ECRClient },
  stackName: string,
): Promise<ImagePlatforms[]> {
  const images = new Set<string>();
  try {
    for (const taskDefinition of await ownTaskDefinitions(clients.ecs, stackName)) {
      const described = taskSchema.parse(await clients.ecs.send(new DescribeTaskDefinitionCommand({ taskDefinition })));
      for (const { image } of described.taskDefinition.containerDefinitions) images.add(image);
    }
    const found: ImagePlatforms[] = [];
    for (const image of [...images].sort().slice(0, MOST_IMAGES)) found.push({ image, platforms: await platformsOf(clients.ecr, image) });
    return found;
  } catch (thrown) {
    throw explainAwsError(thrown, 'read the images of the task definitions');
  }
}

const taskSchema = z.object({ taskDefinition: z.object({ containerDefinitions: z.array(z.object({ image: z.string() })) }) });
const imagesSchema = z.object({ images: z.array(z.object({ imageManifest: z.string() })).default([]) });
const urlSchema = z.object({ downloadUrl: z.url({ protocol: /^https?$/ }) });

async function platformsOf(client: ECRClient, image: string): Promise<string[] | null> {
  const parsed = parseEcrImage(image);
  if (parsed === null) return null;
  const { registryId, repositoryName, imageId } = parsed;
  const request = { registryId, repositoryName, imageIds: [imageId], acceptedMediaTypes: MEDIA_TYPES };
  const [found] = imagesSchema.parse(await client.send(new BatchGetImageCommand(request))).images;
  if (found === undefined) return null;
  const manifest = readManifest(found.imageManifest);
  if ('platforms' in manifest) return manifest.platforms;
  const layer = { registryId, repositoryName, layerDigest: manifest.configDigest };
  const { downloadUrl } = urlSchema.parse(await client.send(new GetDownloadUrlForLayerCommand(layer)));
  return [await platformOfConfig(downloadUrl, image)];
}

/** The link is signed: no message repeats it. */
async function platformOfConfig(downloadUrl: string, image: string): Promise<string> {
  try {
    const response = await fetch(downloadUrl, { signal: AbortSignal.timeout(20_000) });
    return platformName(platformSchema.parse(JSON.parse(await readBounded(response, MOST_CONFIG_BYTES))));
  } catch {
    throw new BakeoffError({
      code: 'image-unreadable',
      message: `the configuration of the image ${image} cannot be read from ECR`,
      remedy: 'Try again; if it stays so, deploy again, which pushes the image anew.',
      kind: 'environment',
    });
  }
}
