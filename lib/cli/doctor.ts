/** `bakeoff doctor`: what this machine has and lacks, each lack with its remedy. Exit code 4 when runs cannot work. */
import { thisMachine } from '../compose/machine.ts';
import type { Finding } from '../doctor/finding.ts';
import { examine } from '../doctor/list.ts';
import { type CommonOptions, type ExitCode, type VerbIo, writeJson } from './io.ts';
import { wrapText } from './wrap-text.ts';

const OK: ExitCode = 0;
const NOT_ABLE: ExitCode = 4;

export async function doctorVerb(_args: readonly string[], options: CommonOptions, io: VerbIo): Promise<ExitCode> {
  const findings = await examine(thisMachine(io.settings, options.dir));
  const isAble = !findings.some(({ status }) => status === 'missing');
  if (options.json) writeJson(io, { able: isAble, findings });
  else io.stdout.write(`${linesOf(findings, io.columns).join('\n')}\n${summaryOf(findings)}\n`);
  return isAble ? OK : NOT_ABLE;
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
  const count = (status: Finding['status']) => findings.filter((finding) => finding.status === status).length;
  if (count('missing') > 0) return `\nThis machine is not able to run Bakeoff yet: ${count('missing')} missing.`;
  const warnings = count('warn') === 1 ? '1 warning' : `${count('warn')} warnings`;
  return count('warn') > 0 ? `\nThis machine can run Bakeoff, with ${warnings}.` : '\nThis machine can run Bakeoff.';
}
