/**
 * Who takes part in a number of all ranked jobs together, and what comes out for each. Used by win-rates.ts and strengths.ts, which make the
 * numbers, and by joint-scores.ts.
 */
import type { MetricColumn } from '../columns.ts';
import type { Comparison, Interval } from '../scores.ts';

export interface JointJob {
  readonly jobId: string;
  readonly reference: boolean;
  readonly metrics: readonly MetricColumn[];
}

export interface JointScore {
  readonly value: number | null;
  readonly reason: string | null;
  readonly interval: Interval | null;
  readonly intervalReason: string | null;
  readonly n: number;
  readonly clusters: number;
  /** What the value is made of, by name: win rates of the metrics; strength, battles won, lost and tied. */
  readonly figures: Readonly<Record<string, number>>;
}

export interface JointScores {
  /** Every job, those without a value included. */
  readonly jobs: ReadonlyMap<string, JointScore>;
  /** Two jobs that have a value, at a confidence that is corrected already. */
  readonly compare: (a: string, b: string, confidence: number) => Comparison;
}

export interface JointOptions {
  readonly confidence: number;
  /** How many comparisons are to hold together. */
  readonly correctedConfidence: (jobs: number) => number;
}

export function refusedJoint(reason: string): JointScore {
  return { value: null, reason, interval: null, intervalReason: reason, n: 0, clusters: 0, figures: {} };
}

/** The company of a rule: ranked jobs that have what it asks for. */
export interface Company {
  readonly jobs: readonly JointJob[];
  readonly refused: ReadonlyMap<string, string>;
}

const REFERENCE = 'a reference takes no part in it';

export function companyOf(jobs: readonly JointJob[], obstacle: (job: JointJob) => string | null): Company {
  const refused = new Map<string, string>();
  const members = jobs.filter((job) => {
    const reason = job.reference ? REFERENCE : obstacle(job);
    if (reason !== null) refused.set(job.jobId, reason);
    return reason === null;
  });
  const [only] = members;
  if (members.length > 1 || only === undefined) return { jobs: members, refused };
  return { jobs: [], refused: refused.set(only.jobId, 'it takes two ranked jobs, and this is the only one with what it needs') };
}
