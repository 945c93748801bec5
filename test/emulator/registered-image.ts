/** Registers an image as a model through the API: one that the emulated ECR knows. Never run: Docker would ask the real registry for it. */
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { CreateRepositoryCommand, DescribeRepositoriesCommand, ECRClient, PutImageCommand } from '@aws-sdk/client-ecr';
import { readPackage } from '../../lib/adapters/local/read-package.ts';
import { ROOT, type World } from './world.ts';

const REPOSITORY = 'mean';
const REGISTRY = '000000000000.dkr.ecr.us-east-1.amazonaws.com';

/** The id of the model; registering it again changes nothing. */
export async function registerImage(world: World): Promise<string> {
  const id = 'registered-mean';
  const body = await registrationOf(id, await imageInRegistry(world));
  const answer = await world.api.call('/v1/models', { method: 'POST', headers: { 'content-type': 'application/json' }, body });
  if (answer.status !== 201) throw new Error(`the registration answered ${answer.status}: ${answer.text}`);
  return id;
}

/** The body of a registration: the manifest of mean-baseline under another id. */
export async function registrationOf(id: string, image: string): Promise<string> {
  const { manifest } = await readPackage(join(ROOT, 'models/mean-baseline'), async () => '0'.repeat(64));
  return JSON.stringify({ manifest: { ...manifest, id }, image });
}

async function imageInRegistry({ aws }: World): Promise<string> {
  const ecr = new ECRClient(aws.ministack.clientConfig);
  const known = await ecr.send(new DescribeRepositoriesCommand({}));
  if (!known.repositories?.some(({ repositoryName }) => repositoryName === REPOSITORY)) {
    await ecr.send(new CreateRepositoryCommand({ repositoryName: REPOSITORY }));
  }
  const mediaType = 'application/vnd.docker.distribution.manifest.v2+json';
  const imageManifest = JSON.stringify({ schemaVersion: 2, mediaType, config: {}, layers: [] });
  await ecr.send(new PutImageCommand({ repositoryName: REPOSITORY, imageManifest, imageTag: 'v1' })).catch(() => undefined);
  return `${REGISTRY}/${REPOSITORY}@sha256:${createHash('sha256').update(imageManifest).digest('hex')}`;
}
