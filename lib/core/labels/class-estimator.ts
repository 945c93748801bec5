/**
 * Precision, recall and F1 in their averages over classes, as estimators of counts: of each class the right answers, the answers and the truths.
 * The definitions are those of lib/core/text/classification.ts: an unparsed answer stays in the denominators of its truth.
 */
import type { Estimator } from '../measures/estimator.ts';
import { EVERY_OTHER, type LabelColumns, NO_ANSWER, NO_LABEL } from './label-columns.ts';

export const CLASS_AVERAGES = ['macro-f1', 'macro-precision', 'macro-recall', 'weighted-f1'] as const;
export type ClassAverage = (typeof CLASS_AVERAGES)[number];

interface Counts {
  readonly right: number;
  readonly answered: number;
  readonly support: number;
}

function shareOf(part: number, whole: number): number {
  return whole > 0 ? part / whole : 0;
}

/** Of one class; 0 where the class was never answered (precision) or has no truth (recall). */
const SCORES: Readonly<Record<ClassAverage, (counts: Counts) => number>> = {
  'macro-f1': ({ right, answered, support }) => shareOf(2 * right, answered + support),
  'macro-precision': ({ right, answered }) => shareOf(right, answered),
  'macro-recall': ({ right, support }) => shareOf(right, support),
  'weighted-f1': ({ right, answered, support }) => shareOf(2 * right, answered + support),
};

/** The mean over the classes that a truth or an answer names, weighed by truths or not. NaN without any. */
function averageOf(average: ClassAverage, classes: number, sums: Float64Array, offset: number): number {
  const everyOther = sums[offset + 3 * classes] ?? 0;
  let [total, weights] = [0, 0];
  for (let label = 0; label < classes; label++) {
    const at = offset + 3 * label;
    const counts = { right: sums[at] ?? 0, answered: (sums[at + 1] ?? 0) + everyOther, support: sums[at + 2] ?? 0 };
    if (counts.answered + counts.support <= 0) continue;
    const weight = average === 'weighted-f1' ? counts.support : 1;
    total += weight * SCORES[average](counts);
    weights += weight;
  }
  return weights > 0 ? total / weights : Number.NaN;
}

function add(sums: Float64Array, at: number, amount: number): void {
  sums[at] = (sums[at] ?? 0) + amount;
}

export function classEstimator(average: ClassAverage, { labels, truths, answers }: LabelColumns): Estimator {
  const classes = labels.length;
  return {
    width: 3 * classes + 1,
    has: (slot) => (truths[slot] ?? NO_LABEL) !== NO_LABEL && (answers[slot] ?? NO_ANSWER) !== NO_ANSWER,
    add: (slot, sums, offset) => {
      const [truth, answer] = [truths[slot] ?? 0, answers[slot] ?? 0];
      add(sums, offset + 3 * truth + 2, 1);
      if (answer >= 0) add(sums, offset + 3 * answer + 1, 1);
      if (answer === truth) add(sums, offset + 3 * truth, 1);
      if (answer !== EVERY_OTHER) return;
      add(sums, offset + 3 * classes, 1);
      add(sums, offset + 3 * truth + 1, -1);
    },
    value: (sums, offset) => averageOf(average, classes, sums, offset),
    binary: false,
    sparse: true,
  };
}
