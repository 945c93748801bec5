/** Deploys the stacks with the real CDK CLI onto the emulated AWS, as a user does, with the app of test/emulator/app.ts. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { STACK_OUTPUTS } from '../../lib/core/environment-names.ts';
import { APP_SETTINGS, type AppSettings } from './app-settings.ts';
import { runCommand } from './run-command.ts';
import { WORK_FOLDER } from './work-folder.ts';

export const PREFIX = 'bakeoff';
export const SERVICE_STACK = `${PREFIX}-service`;
export const DATA_STACK = `${PREFIX}-data`;

const outputsSchema = z.object({
  [SERVICE_STACK]: z.object({
    [STACK_OUTPUTS.apiUrl]: z.url(),
    [STACK_OUTPUTS.bucket]: z.string(),
    [STACK_OUTPUTS.table]: z.string(),
    [STACK_OUTPUTS.cluster]: z.string(),
    [STACK_OUTPUTS.stateMachine]: z.string(),
    [STACK_OUTPUTS.version]: z.string(),
  }),
});
export type Outputs = z.infer<typeof outputsSchema>[typeof SERVICE_STACK];

/** Bootstraps the account and deploys. */
export async function deploy(root: string, awsEnv: Readonly<Record<string, string>>, settings: AppSettings): Promise<Outputs> {
  await cdk(root, awsEnv, settings, ['bootstrap']);
  return deployAgain(root, awsEnv, settings);
}

/** Deploys over what is there: an upgrade. */
export async function deployAgain(root: string, awsEnv: Readonly<Record<string, string>>, settings: AppSettings): Promise<Outputs> {
  const outputsFile = join(WORK_FOLDER, 'outputs.json');
  await cdk(root, awsEnv, settings, ['deploy', '--all', '--require-approval', 'never', '--outputs-file', outputsFile]);
  return outputsSchema.parse(JSON.parse(readFileSync(outputsFile, 'utf8')))[SERVICE_STACK];
}

async function cdk(root: string, awsEnv: Readonly<Record<string, string>>, settings: AppSettings, args: readonly string[]): Promise<void> {
  const settingsFile = join(WORK_FOLDER, 'app-settings.json');
  writeFileSync(settingsFile, JSON.stringify(settings));
  const env = { ...process.env, ...awsEnv, [APP_SETTINGS]: settingsFile, CDK_DISABLE_CLI_TELEMETRY: 'true', CI: 'true' };
  const program = join(root, 'node_modules/aws-cdk/bin/cdk');
  const app = ['--app', `${process.execPath} test/emulator/app.ts`, '--output', join(WORK_FOLDER, 'cdk.out'), '--no-notices'];
  await runCommand(process.execPath, [program, ...args, ...app], { cwd: root, env });
}
