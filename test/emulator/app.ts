/**
 * The app that the emulator level deploys: the one of bin/app.ts with these substitutions and no other: capacity (a plain cluster in place
 * of the fleet, so Run task names a launch type), images (local names), the task's volume (folders of the host), no spending budget (the
 * emulator has none), and the address of the API (a path of the emulator). A variable of each function says the version, so that another
 * version replaces them.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CfnOutput } from 'aws-cdk-lib';
import { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import { INSTALLATION_ROOT } from '../../lib/cli/software-version.ts';
import { writeRegistryBundle } from '../../lib/compose/registry-bundle.ts';
import { STACK_OUTPUTS } from '../../lib/core/environment-names.ts';
import { deploymentApp } from '../../lib/infra/deployment-app.ts';
import { HttpApi } from '../../lib/infra/http-api.ts';
import { ServiceStack } from '../../lib/infra/service-stack.ts';
import { APP_SETTINGS, appSettingsSchema } from './app-settings.ts';
import { PlainCluster } from './plain-cluster.ts';
import { WORK_FOLDER } from './work-folder.ts';

const told = JSON.parse(readFileSync(process.env[APP_SETTINGS] ?? '', 'utf8'));
const { endpoint, driverImage, packageImages, volume, version } = appSettingsSchema.parse(told);

const app = await deploymentApp({
  root: INSTALLATION_ROOT,
  buildFolder: join(WORK_FOLDER, 'build'),
  version,
  writeRegistryBundle,
  writeDriverContext: async () => undefined,
  substitutes: () => ({
    capacity: (scope) => new PlainCluster(scope, 'Fleet'),
    images: () => ({ driver: driverImage, ofPackage: imageOf, allowPullBy: () => undefined }),
    volume: { kind: 'host', outputsPath: volume.outputs, inputsPath: volume.inputs },
  }),
});
const service = app.node.children.find((child) => child instanceof ServiceStack);
if (service === undefined) throw new Error('the app has no service stack');
service.node.tryRemoveChild('Budget');
for (const each of service.node.findAll()) if (each instanceof LambdaFunction) each.addEnvironment('BAKEOFF_E2E_VERSION', version);
tellApiAddress(service);
app.synth();

function imageOf(id: string): string {
  const image = packageImages[id];
  if (image === undefined) throw new Error(`the harness built no image of ${id}`);
  return image;
}

/** The emulator serves an API below a path of its own; no name leads there. */
function tellApiAddress(stack: ServiceStack): void {
  const api = stack.node.findAll().find((each) => each instanceof HttpApi);
  const output = stack.node.tryFindChild(STACK_OUTPUTS.apiUrl);
  if (api === undefined || !(output instanceof CfnOutput)) throw new Error('the service stack has no API, or does not tell its address');
  output.value = `${endpoint}/_aws/execute-api/${api.id}/$default`;
}
