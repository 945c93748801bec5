/**
 * Everything that can be thrown away and deployed anew: the workflow, its functions, the API, the tasks and where they run. bin/app.ts
 * places it; what a deployment may substitute (capacity, images, the task's volume) comes as props.
 */
import { Stack, type StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import type { Manifest } from '../core/manifest.ts';
import type { Capacity } from './capacity.ts';
import type { DeploymentSettings } from './deployment-settings.ts';
import type { ImageSource } from './image-source.ts';
import type { RecordsTable } from './records-table.ts';
import type { ResultsBucket } from './results-bucket.ts';

/** A package that becomes a task definition. */
export interface DeployedPackage {
  readonly manifest: Manifest;
  /** Identity of the package, as the registry computes it. */
  readonly digest: string;
}

/** Volume that the containers of a task share: a Docker volume of its own, or (on the emulator) folders of the host. */
export type TaskVolume = { readonly kind: 'docker' } | { readonly kind: 'host'; readonly outputsPath: string; readonly inputsPath: string };

export interface ServiceStackProps extends StackProps {
  readonly settings: DeploymentSettings;
  readonly bucket: ResultsBucket;
  readonly table: RecordsTable;
  /** At most 150; the rest go to package stacks. */
  readonly packages: readonly DeployedPackage[];
  /** Folder with one folder per function, made by lib/infra/bundle-functions.ts. */
  readonly functionsFolder: string;
  readonly capacity: (scope: Construct) => Capacity;
  readonly images: (scope: Construct) => ImageSource;
  readonly volume: TaskVolume;
  /** Version of the software, told by an output. */
  readonly version: string;
}

export class ServiceStack extends Stack {
  constructor(scope: Construct, id: string, props: ServiceStackProps) {
    super(scope, id, props);
  }
}
