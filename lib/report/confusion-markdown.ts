/** The confusion matrices of a report in Markdown, one a job. The page draws its own (html/confusion-section.ts). */
import { formatFixed } from './format-number.ts';
import { inline, table } from './markdown-text.ts';
import { leaderboardOrder } from './metric-lookup.ts';
import type { Report, ReportJob } from './report-model.ts';

const share = (value: number | null | undefined): string => (value == null ? '—' : formatFixed(value, 3));

function matrixOf({ label, scores }: ReportJob): string[] {
  const confusion = scores?.confusion;
  if (confusion === undefined) return [];
  const { labels, matrix, classes, reason } = confusion;
  const head = `**${inline(label)}**`;
  if (labels === null || matrix === null || classes === null) return [head, `Not shown: ${inline(reason ?? 'no labels')}.`];
  const rows = labels.map((name, truth) => {
    const found = classes[truth];
    return [name, ...(matrix[truth] ?? []).map(String), share(found?.precision), share(found?.recall), share(found?.f1)];
  });
  return [head, table(['Truth', ...labels, 'unparsed', 'Precision', 'Recall', 'F1'], rows)];
}

/** Truths in rows, answers in columns, then the scores of the class; null where nothing was labelled. */
export function labelSection(report: Report): string | null {
  const { ranked, unranked, references } = leaderboardOrder(report);
  const blocks = [...ranked, ...unranked, ...references].flatMap(matrixOf);
  if (blocks.length === 0) return null;
  return ['## Labels', 'Rows are truths, columns answers; an unparsed answer is none of the labels.', ...blocks].join('\n\n');
}
