/**
 * Columns of answers that are no mean and no ratio of two sums: overlap of texts, classes, ranks. What columns.ts asks of every column, it asks
 * of these here; lib/api/align-columns.ts and sample-values.ts do, too.
 */
import type { ColumnHead } from './columns.ts';
import { aucEstimator } from './labels/auc-estimator.ts';
import { calibrationEstimator } from './labels/calibration-estimator.ts';
import { CLASS_AVERAGES, type ClassAverage, classEstimator } from './labels/class-estimator.ts';
import { hasUnanswered, type LabelColumns, NO_ANSWER, NO_LABEL, onLabels, pickLabels, withoutGaps } from './labels/label-columns.ts';
import type { Measure } from './measures/estimator.ts';
import type { NumberColumns } from './numbers/errors.ts';
import { spearmanEstimator } from './numbers/spearman-estimator.ts';
import {
  answeredPerfectly,
  hasUnansweredTexts,
  overlapEstimator,
  overlapOfSample,
  pickCounts,
  type TextCounts,
} from './text/overlap-columns.ts';

/** Confidences and scores by slot; of length 0 where no answer told any. */
export type AnswerColumn =
  | (ColumnHead & { readonly kind: 'corpus-bleu' | 'corpus-chrf'; readonly counts: TextCounts })
  | (ColumnHead & { readonly kind: ClassAverage; readonly answers: LabelColumns })
  | (ColumnHead & { readonly kind: 'ece-equal-width-15'; readonly answers: LabelColumns; readonly confidences: Float64Array })
  | (ColumnHead & { readonly kind: 'macro-auc-one-vs-rest'; readonly answers: LabelColumns; readonly scores: Float64Array })
  | (ColumnHead & { readonly kind: 'spearman'; readonly ranked: NumberColumns });

const KINDS: ReadonlySet<string> = new Set<AnswerColumn['kind']>([
  ...CLASS_AVERAGES,
  ...(['corpus-bleu', 'corpus-chrf', 'ece-equal-width-15', 'macro-auc-one-vs-rest', 'spearman'] as const),
]);

export function isAnswerColumn<T extends { readonly kind: string }>(column: T | AnswerColumn): column is AnswerColumn {
  return KINDS.has(column.kind);
}

/** How the column becomes its metric. */
export function measureOfAnswers(column: AnswerColumn): Measure {
  switch (column.kind) {
    case 'corpus-bleu':
    case 'corpus-chrf':
      return overlapEstimator(column.counts);
    case 'ece-equal-width-15':
      return calibrationEstimator(column.answers, column.confidences);
    case 'macro-auc-one-vs-rest':
      return aucEstimator({ classes: column.answers.labels.length, truths: column.answers.truths, values: column.scores });
    case 'spearman':
      return spearmanEstimator(column.ranked);
    default:
      return classEstimator(column.kind, column.answers);
  }
}

type IsDue = (slot: number) => boolean;

/** Whether a sample that could have a value has none; `isDue`: whether the load meant to send it. */
export function answersHaveGaps(column: AnswerColumn, isDue: IsDue): boolean {
  if ('counts' in column) return hasUnansweredTexts(column.counts, isDue);
  if (column.kind === 'ece-equal-width-15' || column.kind === 'macro-auc-one-vs-rest') {
    const { has } = measureOfAnswers(column);
    return column.answers.truths.some((truth, slot) => truth !== NO_LABEL && !has(slot) && isDue(slot));
  }
  if (column.kind !== 'spearman') return hasUnanswered(column.answers, isDue);
  const { predictions, references } = column.ranked;
  return references.some((reference, slot) => !Number.isNaN(reference) && Number.isNaN(predictions[slot] ?? Number.NaN) && isDue(slot));
}

/** Null where no answer is the best or the worst: of texts the worst is as long as one likes; ranks and calibration hang on all answers. */
export function imputeAnswers(column: AnswerColumn, bound: 'best' | 'worst', isDue: IsDue): AnswerColumn | null {
  switch (column.kind) {
    case 'corpus-bleu':
    case 'corpus-chrf':
      return bound === 'worst' ? null : { ...column, counts: answeredPerfectly(column.counts, isDue) };
    case 'ece-equal-width-15':
    case 'macro-auc-one-vs-rest':
    case 'spearman':
      return null;
    default:
      return { ...column, answers: withoutGaps(column.answers, bound, isDue) };
  }
}

function pickDoubles(values: Float64Array, slots: Uint32Array, width = 1): Float64Array {
  const picked = new Float64Array(slots.length * width).fill(Number.NaN);
  for (let to = 0; to < slots.length; to++)
    for (let k = 0; k < width; k++) picked[to * width + k] = values[(slots[to] ?? 0) * width + k] ?? Number.NaN;
  return picked;
}

/** The column at these slots, in their order. */
export function pickAnswers(whole: AnswerColumn, slots: Uint32Array): AnswerColumn {
  const { states } = whole;
  const column = states === undefined ? whole : { ...whole, states: Uint8Array.from(slots, (slot) => states[slot] ?? 0) };
  switch (column.kind) {
    case 'corpus-bleu':
    case 'corpus-chrf':
      return { ...column, counts: pickCounts(column.counts, slots) };
    case 'spearman': {
      const { predictions, references } = column.ranked;
      return { ...column, ranked: { predictions: pickDoubles(predictions, slots), references: pickDoubles(references, slots) } };
    }
    case 'ece-equal-width-15':
      return { ...column, answers: pickLabels(column.answers, slots), confidences: pickDoubles(column.confidences, slots) };
    case 'macro-auc-one-vs-rest': {
      const scores = pickDoubles(column.scores, slots, column.answers.labels.length);
      return { ...column, answers: pickLabels(column.answers, slots), scores };
    }
    default:
      return { ...column, answers: pickLabels(column.answers, slots) };
  }
}

/**
 * The columns of two runs over the labels that both know. A run knows those of its own items: an answer that only the other run takes for a
 * label would be a class of its own there, and equal answers would have unequal averages over classes.
 */
export function withSharedLabels(a: AnswerColumn, b: AnswerColumn): [AnswerColumn, AnswerColumn] {
  if (!('answers' in a) || !('answers' in b)) return [a, b];
  const known = new Set(b.answers.labels);
  const shared = a.answers.labels.filter((label) => known.has(label));
  return [overLabels(a, shared), overLabels(b, shared)];
}

function overLabels(column: Extract<AnswerColumn, { answers: LabelColumns }>, shared: readonly string[]): AnswerColumn {
  const { labels } = column.answers;
  if (shared.length === labels.length) return column;
  const answers = onLabels(column.answers, shared);
  if (column.kind !== 'macro-auc-one-vs-rest') return { ...column, answers };
  const codes = shared.map((label) => labels.indexOf(label));
  const slots = labels.length === 0 ? 0 : column.scores.length / labels.length;
  const scores = new Float64Array(slots * shared.length);
  for (let slot = 0; slot < slots; slot++)
    for (const [at, code] of codes.entries()) scores[slot * shared.length + at] = column.scores[slot * labels.length + code] ?? Number.NaN;
  return { ...column, answers, scores };
}

/** What one sample shows of the metric: its own overlap; 1 for the right label; |right - confidence|; nothing of ranks. NaN without an answer. */
export function valueOfAnswer(column: AnswerColumn, slot: number): number {
  if ('counts' in column) return overlapOfSample(column.counts, slot);
  if (column.kind === 'spearman' || column.kind === 'macro-auc-one-vs-rest') return Number.NaN;
  const { truths, answers } = column.answers;
  if ((truths[slot] ?? NO_LABEL) === NO_LABEL || (answers[slot] ?? NO_ANSWER) === NO_ANSWER) return Number.NaN;
  const right = truths[slot] === answers[slot] ? 1 : 0;
  return column.kind === 'ece-equal-width-15' ? Math.abs(right - (column.confidences[slot] ?? Number.NaN)) : right;
}
