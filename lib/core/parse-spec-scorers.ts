/** Checks the scorers of a spec, and that the items have what a scorer needs. Called by parse-spec.ts with the sections whose shape is sound. */
import { BUILTIN_SCORERS, type Task } from './builtin-scorers.ts';
import { nearestName } from './nearest-name.ts';
import { expectedNames, type SuiteView } from './parse-spec-suite.ts';
import type { Registry } from './registry.ts';
import { allScorerNames, offersOf } from './resolve-scorers.ts';
import { describeValue, type PathStep, type ProblemDraft } from './spec-problem.ts';

/** A scorer's name with its place in the list. */
export interface PlacedScorer {
  readonly index: number;
  readonly scorer: string;
}

/** Adds a problem for each scorer that the registry does not offer for these models. */
export function checkScorers(
  scorers: readonly PlacedScorer[],
  task: Task | null,
  suite: SuiteView | null,
  registry: Registry,
  problems: ProblemDraft[],
): void {
  const names = scorers.map(({ scorer }) => scorer);
  for (const [position, { index, scorer }] of scorers.entries()) {
    const at = { path: ['scorers', index], seen: describeValue(scorer) };
    const offers = offersOf(scorer, registry);
    if (names.indexOf(scorer) < position) problems.push({ code: 'duplicate-scorer', ...at });
    else if (offers.length === 0) {
      const known = allScorerNames(registry);
      problems.push({
        code: 'unknown-scorer',
        ...at,
        ...expectedNames(known),
        nearest: nearestName(scorer, known),
        ...brokenPackages(registry),
      });
    } else if (offers.length > 1) {
      const from = offers.map(({ evaluator }) => evaluator ?? 'Bakeoff itself').join(', ');
      problems.push({ code: 'ambiguous-scorer', ...at, detail: from });
    } else checkBuiltin(scorer, at.path, task, suite, problems);
  }
}

/** A scorer may be unknown because its package cannot be read. */
function brokenPackages(registry: Registry): { detail?: string } {
  const broken = registry.faults.filter(({ kind }) => kind === 'package').map(({ id }) => id);
  return broken.length === 0 ? {} : { detail: `packages that cannot be used: ${broken.join(', ')}` };
}

function checkBuiltin(scorer: string, path: PathStep[], task: Task | null, suite: SuiteView | null, problems: ProblemDraft[]): void {
  const builtin = BUILTIN_SCORERS.get(scorer);
  if (builtin === undefined) return;
  if (task !== null && builtin.appliesTo !== 'any' && !builtin.appliesTo.includes(task)) {
    problems.push({
      code: 'scorer-task-mismatch',
      path,
      seen: describeValue(scorer),
      detail: `${scorer} reads ${builtin.appliesTo.join(', ')}`,
      expected: `a scorer for ${task}`,
    });
    return;
  }
  const { reference } = builtin;
  if (reference === null || suite === null) return;
  const index = suite.items.findIndex((item) => !reference.isMet(item.reference));
  const item = suite.items[index];
  if (item === undefined) return;
  const nearest = Object.keys(item.reference ?? {}).flatMap((key) =>
    reference.keys.includes(key) ? [] : (nearestName(key, reference.keys) ?? []),
  )[0];
  problems.push({
    code: 'item-without-reference',
    path: suite.pathOfItem(index),
    seen: `item "${item.id}" with reference ${describeValue(item.reference)}`,
    expected: `${reference.expected}, for the scorer ${scorer}`,
    ...(nearest === undefined ? {} : { nearest: `reference.${nearest}` }),
  });
}
