/**
 * The confusion matrix of a job with the scores of each class: what its report shows of the scorer `labels`. Called by score-job.ts.
 */
import type { MetricColumn } from '../columns.ts';
import type { Confusion } from '../scores.ts';
import { LABEL_NORMALISATION } from './label-answer.ts';
import { type LabelColumns, NO_ANSWER, NO_LABEL } from './label-columns.ts';

/** A larger matrix is nothing that anyone reads, and would make reports grow with the suite. */
export const MAX_CONFUSION_LABELS = 100;

function matrixOf({ labels, truths, answers }: LabelColumns): number[][] {
  const matrix = labels.map(() => new Array<number>(labels.length + 1).fill(0));
  for (let slot = 0; slot < truths.length; slot++) {
    const [truth, answer] = [truths[slot] ?? NO_LABEL, answers[slot] ?? NO_ANSWER];
    const row = matrix[truth];
    if (row === undefined || answer === NO_ANSWER) continue;
    const column = answer < 0 ? labels.length : answer;
    row[column] = (row[column] ?? 0) + 1;
  }
  return matrix;
}

function classesOf(labels: readonly string[], matrix: readonly (readonly number[])[]): NonNullable<Confusion['classes']> {
  return labels.map((label, code) => {
    const right = matrix[code]?.[code] ?? 0;
    const support = (matrix[code] ?? []).reduce((sum, count) => sum + count, 0);
    const answered = matrix.reduce((sum, row) => sum + (row[code] ?? 0), 0);
    const share = (whole: number): number | null => (whole > 0 ? right / whole : null);
    return {
      ...{ label, support, answered },
      ...{ precision: share(answered), recall: share(support), f1: answered + support > 0 ? (2 * right) / (answered + support) : null },
    };
  });
}

/** Null for a job without the scorer `labels`. */
export function confusionOf(metrics: readonly MetricColumn[]): Confusion | null {
  const answers = metrics.flatMap((column) => ('answers' in column ? [column.answers] : []))[0];
  if (answers === undefined) return null;
  const { labels } = answers;
  const head = { normalisation: LABEL_NORMALISATION, labelCount: labels.length };
  if (labels.length > MAX_CONFUSION_LABELS) {
    return {
      ...head,
      labels: null,
      matrix: null,
      classes: null,
      reason: `${labels.length} labels; at most ${MAX_CONFUSION_LABELS} are shown`,
    };
  }
  const matrix = matrixOf(answers);
  return { ...head, labels: [...labels], matrix, classes: classesOf(labels, matrix), reason: null };
}
