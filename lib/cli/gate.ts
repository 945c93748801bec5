/** `bakeoff gate RUN --gates FILE`: whether a run of this machine keeps its bounds and is no worse than a baseline; exit code 1 when not. */
import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { BakeoffError, messageOf } from '../core/errors.ts';
import type { Gate } from '../core/gates/gate-rule.ts';
import { exitCodeOf } from '../core/gates/judge-gate.ts';
import { parseGates } from '../core/gates/parse-gates.ts';
import { gateJunit } from '../report/gate-junit.ts';
import { gateMarkdown } from '../report/gate-markdown.ts';
import { requireThisMachine, textOption } from './deployment-choice.ts';
import { findRun, openRuns } from './find-run.ts';
import { type CommonOptions, type ExitCode, type VerbIo, writeJson } from './io.ts';
import { judgeRun } from './judge-run.ts';
import { printProblems } from './print-error.ts';
import { readDocument } from './read-document.ts';
import { gateLines } from './print-gates.ts';

export async function gateVerb(args: readonly string[], options: CommonOptions & Record<string, unknown>, io: VerbIo): Promise<ExitCode> {
  requireThisMachine(options, io, 'gate');
  const file = textOption(options, 'gates');
  if (file === null) throw gatesNotNamed();
  const parsed = parseGates(await readGates(resolve(io.cwd, file), file));
  if (!parsed.ok) return printProblems(parsed.problems, file, io, options);
  const stores = openRuns(options.dir);
  try {
    const run = await findRun(stores, args[0] ?? '');
    const verdict = await judgeRun(stores, run, against(parsed.gates, textOption(options, 'baseline')));
    await writeOutput(textOption(options, 'junit'), gateJunit(verdict), io);
    await writeOutput(textOption(options, 'markdown'), gateMarkdown(verdict), io);
    if (options.json) writeJson(io, verdict);
    else io.stdout.write(`${gateLines(verdict, io.columns).join('\n')}\n`);
    return exitCodeOf(verdict.judgements.map(({ outcome }) => outcome));
  } finally {
    stores.close();
  }
}

/** With the baseline of the command line in place of the rules' own. */
function against(gates: readonly Gate[], baseline: string | null): Gate[] {
  return gates.map((gate) => (gate.kind === 'bound' || baseline === null ? gate : { ...gate, baseline }));
}

function gatesNotNamed(): BakeoffError {
  return new BakeoffError({
    code: 'gates-not-named',
    message: 'no gates are given',
    remedy: 'Give --gates FILE (docs/gates.md shows one); gates inside a spec are not available in this version.',
  });
}

/** Throws `gates-unreadable`. */
async function readGates(path: string, asGiven: string): Promise<Uint8Array> {
  try {
    return await readDocument(path);
  } catch (thrown) {
    throw new BakeoffError({
      code: 'gates-unreadable',
      message: `the gates ${asGiven} cannot be read: ${messageOf(thrown)}`,
      remedy: 'Give the path of a YAML or JSON file; docs/gates.md shows one.',
      cause: thrown,
    });
  }
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
