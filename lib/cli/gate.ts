/** `bakeoff gate RUN`: whether a run keeps the gates of its spec, or those of a file, against its baselines; exit code 1 when not. */
import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { LocalStores } from '../compose/local.ts';
import { BakeoffError, messageOf } from '../core/errors.ts';
import { against, type Gate, gateOf } from '../core/gates/gate-rule.ts';
import type { GateVerdict } from '../core/gates/gate-verdict.ts';
import { exitCodeOf } from '../core/gates/judge-gate.ts';
import { keys } from '../core/object-key.ts';
import { specSchema } from '../core/spec.ts';
import { gateJunit } from '../report/gate-junit.ts';
import { gateMarkdown } from '../report/gate-markdown.ts';
import { judgeRun } from '../workflow/judge-run.ts';
import { readIfStored } from '../workflow/stored-objects.ts';
import { stackOf, textOption } from './deployment-choice.ts';
import { findRun, openRuns } from './find-run.ts';
import { type GivenGates, gatesNotNamed, givenBaseline, givenGates } from './given-gates.ts';
import { type CommonOptions, type ExitCode, type VerbIo, writeJson } from './io.ts';
import { gateLines } from './print-gates.ts';
import { printProblems } from './print-error.ts';
import { readReport } from './print-run.ts';

type Options = CommonOptions & Record<string, unknown>;

export async function gateVerb(args: readonly string[], options: Options, io: VerbIo): Promise<ExitCode> {
  const given = await givenGates(options, io);
  if (given !== null && 'problems' in given) return printProblems(given.problems, given.file, io, options);
  const stack = stackOf(options, io);
  const verdict =
    stack === null
      ? await judgeHere(args[0] ?? '', given, options)
      : await (await import('./gate-deployed.ts')).judgeDeployed(args[0] ?? '', given, stack, options, io);
  await writeOutput(textOption(options, 'junit'), gateJunit(verdict), io);
  await writeOutput(textOption(options, 'markdown'), gateMarkdown(verdict), io);
  if (options.json) writeJson(io, verdict);
  else io.stdout.write(`${gateLines(verdict, io.columns).join('\n')}\n`);
  return exitCodeOf(verdict.judgements.map(({ outcome }) => outcome));
}

async function judgeHere(name: string, given: GivenGates | null, options: Options): Promise<GateVerdict> {
  const stores = openRuns(options.dir);
  try {
    const run = await findRun(stores, name);
    const baseline = await givenBaseline(options, async (wanted) => (await findRun(stores, wanted)).runId);
    const report = run.finishedAtMs === null ? null : await readReport(stores, run.runId);
    if (given === null && baseline === null && report?.gates !== undefined) return report.gates;
    const gates = given?.gates ?? (await ownGates(stores, run.runId));
    return await judgeRun({ run, report, gates: against(gates, baseline) }, stores);
  } finally {
    stores.close();
  }
}

/** The gates of a run's spec. Throws `gates-not-named` where it has none. */
async function ownGates({ objects }: LocalStores, runId: string): Promise<Gate[]> {
  const gates = (await readIfStored(objects, keys.spec(runId), specSchema))?.gates;
  if (gates === undefined) throw gatesNotNamed(runId);
  return gates.map(gateOf);
}

/** Throws `output-unwritable`. */
async function writeOutput(file: string | null, text: string, { cwd }: Pick<VerbIo, 'cwd'>): Promise<void> {
  if (file === null) return;
  try {
    await writeFile(resolve(cwd, file), text);
  } catch (thrown) {
    throw new BakeoffError({
      code: 'output-unwritable',
      message: `${file} cannot be written: ${messageOf(thrown)}`,
      remedy: 'Name a file in a folder that there is.',
      cause: thrown,
    });
  }
}
