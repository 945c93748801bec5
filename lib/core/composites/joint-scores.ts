/**
 * Numbers that all ranked jobs of a run make together: mean win rate and Bradley-Terry strength, with their intervals and comparisons. Called
 * by score-run.ts for a run; one job alone, and references, have none, with the reason.
 */
import type { SuiteColumns } from '../columns.ts';
import { ALONE, type JointRule } from '../composite.ts';
import { type JointJob, type JointOptions, type JointScores, refusedJoint } from './company.ts';
import { strengthsOfJobs } from './strengths.ts';
import { winRatesOfJobs } from './win-rates.ts';

/** Pure; the draws of a run depend on its items and on how many there are to draw for. */
export function scoreJointly(rule: JointRule, jobs: readonly JointJob[], suite: SuiteColumns, options: JointOptions): JointScores {
  const scores =
    rule.kind === 'mean-win-rate' ? winRatesOfJobs(rule.metrics, jobs, suite, options) : strengthsOfJobs(rule.metric, jobs, suite, options);
  return { ...scores, jobs: new Map(jobs.map(({ jobId }) => [jobId, scores.jobs.get(jobId) ?? refusedJoint(ALONE)])) };
}
