/** Checks that a score which compares the ranked jobs of a run with each other has two of them. Called by parse-spec.ts. */
import { countNoun } from './count-noun.ts';
import { combinationCount } from './expand-models.ts';
import type { PlacedEntry } from './parse-spec-models.ts';
import type { RegisteredModel } from './registry.ts';
import type { ProblemDraft } from './spec-problem.ts';

export interface CompanyView {
  /** The models as they are written. */
  readonly list: unknown;
  /** Those whose shape is sound. */
  readonly entries: readonly PlacedEntry[];
  /** The registered models that these name. */
  readonly models: readonly RegisteredModel[];
}

/** Jobs that are ranked: references are not. Null where an entry cannot be read, or names no known model. */
function rankedJobs({ list, entries, models }: CompanyView): number | null {
  if (!Array.isArray(list) || list.length === 0 || list.length !== entries.length || models.length !== entries.length) return null;
  if (entries.some(({ isWhole }) => !isWhole)) return null;
  return entries.reduce((sum, { entry }, at) => {
    const isReference = entry.reference ?? models[at]?.manifest.reference ?? false;
    return isReference ? sum : sum + combinationCount(entry);
  }, 0);
}

/** Adds the problem of a win rate, or a strength, that no job can have. */
export function checkCompany({ profile }: Readonly<Record<string, unknown>>, view: CompanyView, problems: ProblemDraft[]): void {
  if (profile !== 'mean-win-rate' && profile !== 'bradley-terry') return;
  const jobs = rankedJobs(view);
  if (jobs === null || jobs > 1) return;
  const expected = `two ranked jobs or more, which ${profile} compares with each other; references are not ranked`;
  problems.push({ code: 'list-too-short', path: ['models'], seen: countNoun(jobs, 'ranked job'), expected });
}
