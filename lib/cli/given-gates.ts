/** What `bakeoff gate` is given: a file of gates, and a baseline that stands in for theirs. For runs of this machine and of a deployment. */
import { resolve } from 'node:path';
import { BakeoffError, messageOf } from '../core/errors.ts';
import type { Gate } from '../core/gates/gate-rule.ts';
import { parseGates } from '../core/gates/parse-gates.ts';
import type { SpecProblem } from '../core/spec-problem.ts';
import { textOption } from './deployment-choice.ts';
import type { VerbIo } from './io.ts';
import { readDocument } from './read-document.ts';

type Options = Readonly<Record<string, unknown>>;

/** Gates of a file, with its text as a deployment is sent it. */
export interface GivenGates {
  readonly gates: readonly Gate[];
  readonly text: string;
}

/** Null where no file is given. Throws `gates-unreadable`. */
export async function givenGates(
  options: Options,
  { cwd }: Pick<VerbIo, 'cwd'>,
): Promise<GivenGates | null | { readonly file: string; readonly problems: readonly SpecProblem[] }> {
  const file = textOption(options, 'gates');
  if (file === null) return null;
  const bytes = await readGates(resolve(cwd, file), file);
  const parsed = parseGates(bytes);
  return parsed.ok ? { gates: parsed.gates, text: Buffer.from(bytes).toString('utf8') } : { file, problems: parsed.problems };
}

/** `--baseline`, as the id of a run or `latest`; null where it is not given. `find` throws `run-unknown`. */
export async function givenBaseline(options: Options, find: (name: string) => Promise<string>): Promise<string | null> {
  const named = textOption(options, 'baseline');
  return named === null || named === 'latest' ? named : find(named);
}

export function gatesNotNamed(runId: string): BakeoffError {
  return new BakeoffError({
    code: 'gates-not-named',
    message: `no gates are given, and the spec of run ${runId} has none`,
    remedy: 'Give --gates FILE, or write gates into the spec; docs/gates.md shows both.',
  });
}

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
