/** How two compared runs look on a terminal: job by job, then what could not be compared, then in what else the runs differ. */
import type { MatchedJob, RunComparison } from '../core/run-comparison.ts';
import { formatInterval, formatValue } from '../report/format-number.ts';
import { jobLabels } from '../report/job-labels.ts';
import { alignAndWrap, wrapText } from './wrap-text.ts';

export function comparisonLines(comparison: RunComparison, columns: number): string[] {
  const { a, b, jobs, commonItems, itemsLeftOut, correction, unmatched, warnings } = comparison;
  const wrapped = (text: string, indent = ''): string => wrapText(text, columns, indent, `${indent}  `);
  const labels = jobLabels(jobs.map((job) => ({ jobId: job.a, params: job.params, model: { id: job.model } })));
  const leftOut = itemsLeftOut.a + itemsLeftOut.b === 0 ? '' : `; left out: ${itemsLeftOut.a} of A, ${itemsLeftOut.b} of B`;
  return [
    wrapped(`A  ${a}`),
    wrapped(`B  ${b}`),
    wrapped(`${commonItems} items in common${leftOut}`),
    ...jobs.flatMap((job) => ['', wrapped(labels.get(job.a) ?? job.a), ...jobLines(job, columns)]),
    ...(jobs.length === 0 ? ['', 'the runs share no job: no model with the same params in both'] : []),
    ...(unmatched.length === 0 ? [] : ['', 'without a partner:']),
    ...unmatched.map(({ run, jobId, reason }) => wrapped(`${run.toUpperCase()}: ${jobId}: ${reason}`, '  ')),
    ...(warnings.length === 0 ? [] : ['']),
    ...warnings.map(({ code, text, jobIds }) =>
      wrapped(`warning[${code}]: ${text}${jobIds.length === 0 ? '' : ` (${jobIds.join(', ')})`}`),
    ),
    '',
    wrapped(correction),
  ];
}

function jobLines({ metrics, latency, leftOut }: MatchedJob, columns: number): string[] {
  const rows = metrics.map(({ metric, difference, interval, verdict, reason }) => [
    `  ${metric}`,
    formatValue(difference, interval),
    formatInterval(difference, interval),
    reason === null ? verdictText(verdict, 'better') : `${verdict}: ${reason}`,
  ]);
  const speed =
    latency.reason === null ? verdictText(latency.verdict ?? '', 'faster') : `${latency.verdict ?? 'not compared'}: ${latency.reason}`;
  const ratio = [
    latency.ratio === null ? '' : `A/B ${formatValue(latency.ratio, latency.interval)}`,
    formatInterval(latency.ratio, latency.interval),
  ];
  const table = [['  metric', 'A − B', 'interval', 'verdict'], ...rows, ['  latency', ...ratio, speed]];
  return [
    ...alignAndWrap(table, columns),
    ...leftOut.map(({ metric, reason }) => wrapText(`not compared: ${metric}: ${reason}`, columns, '  ', '    ')),
  ];
}

function verdictText(verdict: string, word: 'better' | 'faster'): string {
  return verdict === 'a' || verdict === 'b' ? `${verdict.toUpperCase()} is ${word}` : verdict;
}
