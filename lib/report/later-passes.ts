/** The later passes over a run's saved outputs as the report lists them: who scored what, and which of two passes counts. Pure. */
import type { EvaluationPass, JobEvaluator } from '../core/evaluation-pass.ts';
import { formatInstant } from './format-number.ts';
import type { LaterPass } from './report-model.ts';

/** `planned`: the scorers of the spec. */
export function laterPasses(passes: readonly EvaluationPass[], planned: readonly string[]): LaterPass[] {
  return passes.map((pass, index) => {
    const before = new Set([...planned, ...scorersOf(passes.slice(0, index))]);
    const after = new Set(scorersOf(passes.slice(index + 1)));
    return {
      ...{ n: pass.n, askedAtMs: pass.askedAtMs, scorers: pass.scorers, softwareVersion: pass.softwareVersion },
      evaluators: pass.evaluators.map(evaluatorOf),
      replaces: pass.scorers.filter((scorer) => before.has(scorer)),
      replacedBy: pass.scorers.filter((scorer) => after.has(scorer)),
    };
  });
}

function scorersOf(passes: readonly EvaluationPass[]): string[] {
  return passes.flatMap(({ scorers }) => scorers);
}

export function evaluatorOf({ package: evaluator, scorers, pass }: JobEvaluator): LaterPass['evaluators'][number] {
  return { ...evaluator, scorers, ...(pass === undefined ? {} : { pass }) };
}

/** One sentence or two for each: what was added, by whom, when, and what of it counts. */
export function laterPassTexts(passes: readonly LaterPass[]): string[] {
  return passes.map(({ n, askedAtMs, scorers, evaluators, replaces, replacedBy, softwareVersion }) => {
    const by = evaluators.map(({ id, version, digest, scorers: own }) => `${own.join(', ')} by ${id} ${version} (${digest.slice(0, 12)})`);
    const builtin = scorers.filter((scorer) => !evaluators.some((evaluator) => evaluator.scorers.includes(scorer)));
    const made = [...by, ...(builtin.length === 0 ? [] : [`${builtin.join(', ')} built in`])].join('; ');
    const counts = [
      replaces.length === 0 ? [] : `It counts in place of what was there of ${replaces.join(', ')}.`,
      replacedBy.length === 0 ? [] : `Of ${replacedBy.join(', ')} a later pass counts.`,
    ].flat();
    return [`Pass ${n}, asked for ${formatInstant(askedAtMs)}, with version ${softwareVersion}: ${made}.`, ...counts].join(' ');
  });
}
