/**
 * Entry of the CDK: `npx cdk synth`, `deploy`, `diff` run it as cdk.json says. Settings come from the key `bakeoff` of the context. Neither
 * an account nor Docker is needed to synthesise.
 */
import { join } from 'node:path';
import { INSTALLATION_ROOT, SOFTWARE_VERSION } from '../lib/cli/software-version.ts';
import { writeRegistryBundle } from '../lib/compose/registry-bundle.ts';
import { BakeoffError } from '../lib/core/errors.ts';
import { writeDriverContext } from '../lib/driver/image/build-bundle.ts';
import { deploymentApp } from '../lib/infra/deployment-app.ts';

try {
  const app = await deploymentApp({
    root: INSTALLATION_ROOT,
    buildFolder: join(INSTALLATION_ROOT, '.build'),
    version: SOFTWARE_VERSION,
    writeRegistryBundle,
    writeDriverContext,
  });
  app.synth();
} catch (error) {
  if (!(error instanceof BakeoffError)) throw error;
  process.stderr.write(`${error.message}\n${error.remedy}\n`);
  process.exitCode = 1;
}
