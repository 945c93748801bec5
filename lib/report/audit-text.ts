/** What the audit of resent samples found, in words: for every renderer and for the warnings. */
import type { AuditScore } from '../core/scores.ts';
import { formatFixed } from './format-number.ts';
import type { ReportJob } from './report-model.ts';

export interface AuditText {
  readonly jobId: string;
  readonly label: string;
  readonly resent: string;
  /** `no cache: 1.02 times as long [0.97, 1.08]` */
  readonly caching: string;
  /** `same: 16 of 16` */
  readonly determinism: string;
}

/** One a job that has an audit. */
export function auditTexts(jobs: readonly ReportJob[]): AuditText[] {
  return jobs.flatMap(({ jobId, label, scores }) => {
    const audit = scores?.audit;
    if (audit === undefined) return [];
    return [{ jobId, label, resent: String(audit.resent), caching: cachingText(audit.caching), determinism: determinismText(audit) }];
  });
}

const CACHING = { passed: 'no cache', failed: 'from a cache', inconclusive: 'open' } as const;

function cachingText({ verdict, reason, ratio, interval }: AuditScore['caching']): string {
  const range = interval === null ? '' : ` [${formatFixed(interval.low, 2)}, ${formatFixed(interval.high, 2)}]`;
  const times = ratio === null ? '' : `: ${formatFixed(ratio, 2)} times as long${range}`;
  return `${CACHING[verdict]}${times}${verdict === 'inconclusive' && reason !== null ? ` (${reason})` : ''}`;
}

const DETERMINISM = { same: 'same', differs: 'different', inconclusive: 'open' } as const;

function determinismText({ determinism: { verdict, reason, n, same, differingSampleId } }: AuditScore): string {
  if (verdict === 'inconclusive') return `${DETERMINISM[verdict]} (${reason})`;
  const example = differingSampleId === null ? '' : `, not ${differingSampleId}`;
  return `${DETERMINISM[verdict]}: ${same} of ${n} alike${example}`;
}
