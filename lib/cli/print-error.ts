/**
 * How errors and spec problems look: lines on stderr, or the one JSON document of `--json` on stdout. Decides the exit code of
 * an error. Called by program.ts, and by verbs that have spec problems to tell.
 */
import { BakeoffError, type ErrorKind, messageOf } from '../core/errors.ts';
import type { SpecProblem } from '../core/spec-problem.ts';
import { type ExitCode, type VerbIo, writeJson } from './io.ts';
import { safeText, wrapText } from './wrap-text.ts';

type ErrorIo = Pick<VerbIo, 'stdout' | 'stderr' | 'columns'>;

const EXIT_CODES: Readonly<Record<ErrorKind, ExitCode>> = { usage: 2, incomplete: 3, environment: 4, internal: 1 };

/** Prints any thrown value and returns the exit code; a stack only with `debug`. */
export function printError(thrown: unknown, io: ErrorIo, options: { readonly json: boolean; readonly debug: boolean }): ExitCode {
  const error = thrown instanceof BakeoffError ? thrown : unexpected(thrown);
  if (options.json) writeJson(io, { error: { code: error.code, message: error.message, remedy: error.remedy } });
  else io.stderr.write(`${block(io.columns, error.code, error.message, [`fix: ${error.remedy}`])}\n`);
  if (options.debug && error.stack !== undefined) io.stderr.write(`${error.stack}\n${causeStack(error)}`);
  return EXIT_CODES[error.kind];
}

const MAX_PRINTED = 50;

/** Prints every problem of a spec and returns exit code 2. */
export function printProblems(
  problems: readonly SpecProblem[],
  fileName: string,
  io: ErrorIo,
  options: { readonly json: boolean },
): ExitCode {
  const count = problems.length === 1 ? '1 problem' : `${problems.length} problems`;
  if (options.json) {
    const error = { code: 'spec-invalid', message: `${count} in ${fileName}`, remedy: 'Correct the problems listed.' };
    writeJson(io, { error, problems });
    return EXIT_CODES.usage;
  }
  for (const problem of problems.slice(0, MAX_PRINTED)) io.stderr.write(`${problemBlock(problem, fileName, io.columns)}\n\n`);
  const rest = problems.length - MAX_PRINTED;
  io.stderr.write(
    `${count} in ${safeText(fileName)}; nothing was started.${rest > 0 ? ` The last ${rest} are not shown; --json has them all.` : ''}\n`,
  );
  return EXIT_CODES.usage;
}

function problemBlock(problem: SpecProblem, fileName: string, columns: number): string {
  const { code, path, line, column, seen, expected, nearest } = problem;
  const facts = [seen === null ? [] : `seen: ${seen}`, expected === null ? [] : `expected: ${expected}`].flat();
  return block(columns, code, problem.message, [
    `at ${fileName}:${line}:${column}${path === '' ? '' : ` (${path})`}`,
    ...(facts.join('; ').length <= columns - 2 ? [facts.join('; ')].filter((fact) => fact !== '') : facts),
    ...(nearest === null ? [] : [`did you mean: ${nearest}`]),
    `fix: ${problem.remedy}`,
  ]);
}

function block(columns: number, code: string, message: string, details: readonly string[]): string {
  const head = wrapText(`error[${code}]: ${message}`, columns, '', '  ');
  return [head, ...details.map((detail) => wrapText(detail, columns, '  ', '    '))].join('\n');
}

/** Refusals of the operating system that no verb has named better: the machine is at fault, not Bakeoff. */
const SYSTEM_ERRORS: ReadonlyMap<string, { readonly code: string; readonly remedy: string }> = new Map([
  ['ENOSPC', { code: 'disk-full', remedy: 'Free space on the disk, or choose another folder with --dir.' }],
  ['EDQUOT', { code: 'disk-full', remedy: 'Free space within the quota, or choose another folder with --dir.' }],
  ['EACCES', { code: 'not-permitted', remedy: 'Make the path accessible to this user, or choose another folder with --dir.' }],
  ['EPERM', { code: 'not-permitted', remedy: 'Make the path accessible to this user, or choose another folder with --dir.' }],
  ['EROFS', { code: 'not-permitted', remedy: 'Choose a writable folder with --dir.' }],
  ['EMFILE', { code: 'too-many-open-files', remedy: 'Raise the limit of open files (ulimit -n).' }],
  ['ENFILE', { code: 'too-many-open-files', remedy: 'Close other programs: the machine has no file handles left.' }],
]);

function systemErrorOf(thrown: unknown): { readonly code: string; readonly remedy: string } | undefined {
  if (!(thrown instanceof Error) || !('code' in thrown)) return undefined;
  return SYSTEM_ERRORS.get(String(thrown.code));
}

function unexpected(thrown: unknown): BakeoffError {
  const system = systemErrorOf(thrown);
  if (system !== undefined) return new BakeoffError({ ...system, message: messageOf(thrown), kind: 'environment', cause: thrown });
  return new BakeoffError({
    code: 'unexpected',
    message: `an unexpected error: ${messageOf(thrown).split('\n')[0]}`,
    remedy: 'Run again with BAKEOFF_DEBUG=1 and report what it prints as a bug.',
    kind: 'internal',
    cause: thrown,
  });
}

function causeStack(error: BakeoffError): string {
  return error.cause instanceof Error ? `caused by ${error.cause.stack ?? error.cause.message}\n` : '';
}
