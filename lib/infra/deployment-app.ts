/**
 * From the settings in cdk.json to an app that can be synthesised: bundles the functions with the registry of the chosen packages, then
 * places the stacks. bin/app.ts calls it, and the emulator's app with its substitutions.
 */
import { join } from 'node:path';
import { App } from 'aws-cdk-lib';
import { AssetImages } from './asset-images.ts';
import { bundleFunctions } from './bundle-functions.ts';
import { type DeploymentSettings, parseDeploymentSettings } from './deployment-settings.ts';
import { Fleet } from './fleet.ts';
import type { DeployedPackage } from './packages.ts';
import { type PlacementProps, placeStacks } from './place-stacks.ts';

export interface DeploymentAppOptions {
  /** Folder of the repository. */
  readonly root: string;
  /** Where bundles are written; made and emptied here. */
  readonly buildFolder: string;
  readonly version: string;
  /** lib/compose/registry-bundle.ts. */
  readonly writeRegistryBundle: (options: {
    readonly root: string;
    readonly packages: readonly string[];
    readonly folder: string;
  }) => Promise<readonly DeployedPackage[]>;
  /** lib/driver/image/build-bundle.ts; not called where images are substituted. */
  readonly writeDriverContext: (folder: string) => Promise<unknown>;
  /** What stands in for the fleet, the built images and the task's volume. */
  readonly substitutes?: (settings: DeploymentSettings) => Pick<PlacementProps, 'capacity' | 'images' | 'volume'>;
}

/** Throws `deployment-settings-invalid`, and what is wrong with a package. The caller synthesises. */
export async function deploymentApp(options: DeploymentAppOptions): Promise<App> {
  const { root, buildFolder, version } = options;
  const app = new App();
  const settings = parseDeploymentSettings(app.node.tryGetContext('bakeoff'));
  const folder = (name: string) => join(buildFolder, name);
  const chosen = [...new Set(settings.packages)].sort();
  const packages = await options.writeRegistryBundle({ root, packages: chosen, folder: folder('registry') });
  await bundleFunctions({ root, folder: folder('functions'), registryFolder: folder('registry') });
  const compute = options.substitutes?.(settings) ?? (await realCompute(options, settings, folder('driver')));
  placeStacks(app, { settings, packages, functionsFolder: folder('functions'), version, ...compute });
  return app;
}

async function realCompute({ root, writeDriverContext }: DeploymentAppOptions, settings: DeploymentSettings, driverFolder: string) {
  await writeDriverContext(driverFolder);
  return {
    capacity: (scope) => new Fleet(scope, 'Fleet', settings),
    images: (scope) => new AssetImages(scope, 'Images', { modelsFolder: join(root, 'models'), driverFolder }),
    volume: { kind: 'docker' },
  } as const satisfies Pick<PlacementProps, 'capacity' | 'images' | 'volume'>;
}
