/**
 * Images that the CDK builds when it publishes a deployment, from models/ and from the driver's context, for the processors of the fleet.
 * Synth only fingerprints them: it needs no Docker. Each context holds what one image needs, so that a change to another package leaves it.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { IgnoreMode } from 'aws-cdk-lib';
import { DockerImageAsset, Platform } from 'aws-cdk-lib/aws-ecr-assets';
import { Construct } from 'constructs';
import { BakeoffError } from '../core/errors.ts';
import type { ImageSource } from './image-source.ts';

export interface AssetImagesProps {
  /** The folder `models/`. */
  readonly modelsFolder: string;
  /** Folder with the driver's Dockerfile and its bundle. */
  readonly driverFolder: string;
}

const NOT_IN_IMAGES = ['**/__pycache__', '**/tests', '**/node_modules', '**/.venv', '**/.pytest_cache'];

/** Images are declared in the stack that asks for them, and published with it. */
export class AssetImages extends Construct implements ImageSource {
  private readonly props: AssetImagesProps;

  constructor(scope: Construct, id: string, props: AssetImagesProps) {
    super(scope, id);
    this.props = props;
  }

  get driver(): string {
    return new DockerImageAsset(this, 'Driver', { directory: this.props.driverFolder, platform: Platform.LINUX_AMD64 }).imageUri;
  }

  ofPackage(packageId: string): string {
    const file = join(packageId, 'Dockerfile');
    if (!existsSync(join(this.props.modelsFolder, file))) throw noDockerfile(packageId);
    const asset = new DockerImageAsset(this, packageId, {
      directory: this.props.modelsFolder,
      file,
      platform: Platform.LINUX_AMD64,
      ignoreMode: IgnoreMode.DOCKER,
      exclude: ['*', `!${packageId}`, '!_server', '!_base', ...NOT_IN_IMAGES],
    });
    return asset.imageUri;
  }

  /** The execution role may pull from every repository of the account already: there is nothing to add. */
  allowPullBy(): void {}
}

function noDockerfile(packageId: string): BakeoffError {
  return new BakeoffError({
    code: 'package-without-dockerfile',
    message: `models/${packageId} has no Dockerfile, so it cannot be deployed`,
    remedy: `Write models/${packageId}/Dockerfile, or take ${packageId} out of bakeoff.packages in cdk.json.`,
  });
}
