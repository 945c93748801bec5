/**
 * Registers an image as a model while the system runs: checks that it may and does exist, registers its task definition through the builder
 * that synth uses, and keeps the record. Called by the API's POST /v1/models.
 */
import { DescribeImagesCommand, type ECRClient, ImageNotFoundException, RepositoryNotFoundException } from '@aws-sdk/client-ecr';
import { type ECSClient, RegisterTaskDefinitionCommand } from '@aws-sdk/client-ecs';
import { BakeoffError } from '../../core/errors.ts';
import { type ImageName, parseImageName } from '../../core/image-name.ts';
import type { ModelManifest } from '../../core/manifest.ts';
import type { Clock, ModelStore } from '../../core/ports.ts';
import type { RegisteredImage } from '../../core/result-record.ts';
import { familyOf, type TaskShape, taskDefinition, taskDefinitionSha256 } from '../../core/task-definition.ts';

export interface RegisterPorts {
  readonly ecs: Pick<ECSClient, 'send'>;
  readonly ecr: Pick<ECRClient, 'send'>;
  readonly models: ModelStore;
  readonly clock: Clock;
  readonly stack: string;
  readonly allowedRegistries: readonly string[];
  /** Ids that belong to packages of the deployment. */
  readonly bundledIds: ReadonlySet<string>;
  readonly template: Omit<TaskShape, 'family' | 'packageId' | 'digest' | 'image' | 'requirements' | 'command' | 'allowsNetwork'>;
}

/**
 * The same image and manifest are one registration. Throws `bad-image`, `registry-not-allowed`, `image-missing`, `model-exists`, and what
 * the builder throws for sizes beyond the limits. Only digest, command and sizes come from the caller.
 */
export async function registerImage(
  { manifest, image }: { readonly manifest: ModelManifest; readonly image: string },
  ports: RegisterPorts,
): Promise<RegisteredImage> {
  const name = parseImageName(image);
  const { id } = manifest;
  if (!ports.allowedRegistries.includes(name.registry)) throw notAllowed(name.registry, ports.allowedRegistries);
  if (ports.bundledIds.has(id)) throw modelExists(id, 'is a package of this deployment');
  const family = familyOf(ports.stack, id);
  const requirements = manifest.requirements;
  const shape = { ...ports.template, family, packageId: id, digest: name.digest, image, requirements, allowsNetwork: false };
  const definition = taskDefinition({ ...shape, command: manifest.runtime.command });
  const contentSha256 = taskDefinitionSha256(definition);
  const known = await ports.models.getImage(id);
  if (known !== null && known.image !== image)
    throw modelExists(id, `is registered with another image (${known.imageDigest.slice(0, 12)})`);
  if (known !== null && known.contentSha256 === contentSha256 && JSON.stringify(known.manifest) === JSON.stringify(manifest)) return known;
  await assertImage(ports.ecr, name);
  const { taskDefinition: made } = await ports.ecs.send(new RegisterTaskDefinitionCommand(definition));
  if (made?.taskDefinitionArn === undefined) throw new Error(`ECS gave no ARN for ${family}`);
  const record: RegisteredImage = {
    ...{ schema: 1, version: (known?.version ?? 0) + 1, manifest, image, imageDigest: name.digest, family, contentSha256 },
    ...{ taskDefinitionArn: made.taskDefinitionArn, registeredAtMs: ports.clock.nowMs() },
  };
  if (await ports.models.putImage(record)) return record;
  throw new BakeoffError({
    code: 'record-contended',
    message: `the model ${id} is being registered by another caller`,
    remedy: 'Try again.',
    kind: 'incomplete',
  });
}

/** Other registries than ECR cannot be asked with the rights that a deployment has. */
async function assertImage(ecr: Pick<ECRClient, 'send'>, { account, repository, digest }: ImageName): Promise<void> {
  if (account === null) return;
  try {
    const imageIds = [{ imageDigest: `sha256:${digest}` }];
    await ecr.send(new DescribeImagesCommand({ registryId: account, repositoryName: repository, imageIds }));
  } catch (error) {
    if (!(error instanceof ImageNotFoundException) && !(error instanceof RepositoryNotFoundException)) throw error;
    throw new BakeoffError({
      code: 'image-missing',
      message: `there is no image sha256:${digest.slice(0, 12)}… in the repository ${repository}`,
      remedy: 'Push the image first, and name it by the digest that the push printed.',
      cause: error,
    });
  }
}

function notAllowed(registry: string, allowed: readonly string[]): BakeoffError {
  return new BakeoffError({
    code: 'registry-not-allowed',
    message: `images may not come from ${registry}; allowed: ${allowed.join(', ')}`,
    remedy: 'Push the image to an allowed registry, or extend allowedRegistries in cdk.json and deploy.',
  });
}

function modelExists(id: string, what: string): BakeoffError {
  return new BakeoffError({ code: 'model-exists', message: `the model ${id} ${what}`, remedy: 'Register it under another id.' });
}
