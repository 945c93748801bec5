/** Opens the deployment that a verb was given, checks its version against this program's, and speaks to its API. */
import type { OpenDeployment } from '../compose/deployment.ts';
import { BakeoffError } from '../core/errors.ts';
import { versionMatch } from '../core/version-match.ts';
import { type DeploymentApi, deploymentApi } from './deployment-api.ts';
import { textOption } from './deployment-choice.ts';
import type { VerbIo } from './io.ts';
import { SOFTWARE_VERSION } from './software-version.ts';

export interface DeploymentConnection {
  readonly open: OpenDeployment;
  readonly api: DeploymentApi;
  /** What completes a command to copy: ` --stack NAME` and what else it takes to find the same deployment again. */
  readonly flags: string;
}

/** Throws `version-differs` where the major versions differ; tells a smaller difference on stderr. */
export async function openConnection(
  stackName: string,
  options: Readonly<Record<string, unknown>>,
  io: VerbIo,
): Promise<DeploymentConnection> {
  const { openDeployment } = await import('../compose/deployment.ts');
  const [region, profile] = [textOption(options, 'region'), textOption(options, 'profile')];
  const open = await openDeployment(stackName, { region, profile, token: io.settings.token });
  checkVersion(open.deployment.version, open.deployment.stackName, io);
  const flags = [
    textOption(options, 'stack') === null ? '' : ` --stack ${stackName}`,
    region === null ? '' : ` --region ${region}`,
    profile === null ? '' : ` --profile ${profile}`,
  ].join('');
  return { open, api: deploymentApi(open.api), flags };
}

function checkVersion(deployed: string, stackName: string, io: VerbIo): void {
  const match = versionMatch(SOFTWARE_VERSION, deployed);
  if (match === 'major-differs') {
    throw new BakeoffError({
      code: 'version-differs',
      message: `the stack ${stackName} is of version ${deployed}, this program of ${SOFTWARE_VERSION}: they do not understand each other`,
      remedy: `Use the program of version ${deployed}, or deploy this one ("npx cdk deploy --all").`,
      kind: 'environment',
    });
  }
  if (match === 'same') return;
  io.stderr.write(`note: the stack ${stackName} is of version ${deployed}, this program of ${SOFTWARE_VERSION}\n`);
}
