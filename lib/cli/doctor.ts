/**
 * `bakeoff doctor`: what this machine has and lacks, each lack with its remedy; and where AWS is set up or a stack is named, what the
 * account and the deployment lack. Exit code 4 when runs cannot work.
 */
import { type Machine, thisMachine } from '../compose/machine.ts';
import type { Finding } from '../doctor/finding.ts';
import { examine } from '../doctor/list.ts';
import { stackOf, textOption } from './deployment-choice.ts';
import { type CommonOptions, type ExitCode, type VerbIo, writeJson } from './io.ts';
import { SOFTWARE_VERSION } from './software-version.ts';
import { wrapText } from './wrap-text.ts';

type Options = CommonOptions & Record<string, unknown>;

const OK: ExitCode = 0;
const NOT_ABLE: ExitCode = 4;

export async function doctorVerb(_args: readonly string[], options: Options, io: VerbIo): Promise<ExitCode> {
  const machine = thisMachine(io.settings, options.dir);
  const stackName = stackOf(options, io);
  const isAsked = textOption(options, 'region') !== null || textOption(options, 'profile') !== null;
  const wantsCloud = stackName !== null || isAsked || io.settings.hasAwsSettings;
  const local = await examine(machine);
  const cloud = wantsCloud ? await cloudFindings(machine, stackName, options, io) : [];
  const findings = [...local, ...cloud];
  const isAble = !findings.some(({ status }) => status === 'missing');
  if (options.json) writeJson(io, { able: isAble, findings });
  else
    io.stdout.write(
      `${linesOf(findings, io.columns).join('\n')}\n\n${summaryOf(local)}\n${stackName === null ? '' : `${stackSummaryOf(stackName, cloud)}\n`}`,
    );
  return isAble ? OK : NOT_ABLE;
}

/** AWS is loaded only where somebody has set it up, or names a deployment. */
async function cloudFindings(machine: Machine, stackName: string | null, options: Options, io: VerbIo): Promise<Finding[]> {
  const [{ cloudOf }, { examineCloud }, { checkCdkCli }, { checkDocker }] = await Promise.all([
    import('../compose/cloud.ts'),
    import('../doctor/cloud-list.ts'),
    import('../doctor/cdk-cli.ts'),
    import('../doctor/docker-present.ts'),
  ]);
  const access = { region: textOption(options, 'region'), profile: textOption(options, 'profile'), token: io.settings.token };
  const cloud = cloudOf({ stackName, access, root: io.root, softwareVersion: SOFTWARE_VERSION });
  return [checkDocker(machine), await checkCdkCli(machine, io.root), ...(await examineCloud(cloud))];
}

function linesOf(findings: readonly Finding[], columns: number): string[] {
  const width = Math.max(...findings.map(({ id }) => id.length));
  const indent = ' '.repeat(width + 11);
  return findings.flatMap(({ id, status, found, remedy }) => [
    wrapText(found, columns, `${status.padEnd(7)}  ${id.padEnd(width)}  `, indent),
    ...(remedy === null ? [] : [wrapText(`fix: ${remedy}`, columns, indent, indent)]),
  ]);
}

function summaryOf(findings: readonly Finding[]): string {
  const [missing, warnings] = [countOf(findings, 'missing'), countOf(findings, 'warn')];
  if (missing > 0) return `This machine is not able to run Bakeoff yet: ${missing} missing.`;
  return warnings > 0 ? `This machine can run Bakeoff, with ${warningsOf(warnings)}.` : 'This machine can run Bakeoff.';
}

function stackSummaryOf(stackName: string, findings: readonly Finding[]): string {
  const [missing, warnings] = [countOf(findings, 'missing'), countOf(findings, 'warn')];
  if (missing > 0) return `The deployment ${stackName} cannot be used as it is: ${missing} missing.`;
  return warnings > 0
    ? `The deployment ${stackName} can be used, with ${warningsOf(warnings)}.`
    : `The deployment ${stackName} can be used.`;
}

function countOf(findings: readonly Finding[], status: Finding['status']): number {
  return findings.filter((finding) => finding.status === status).length;
}

function warningsOf(count: number): string {
  return count === 1 ? '1 warning' : `${count} warnings`;
}
