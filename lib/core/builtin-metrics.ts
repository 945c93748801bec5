/** What the built-in scorers measure: names, units, ranges, titles. A table for builtin-scorers.ts; it computes nothing. */
import type { MetricInfo } from './manifest.ts';

/** How samples make a metric: as their mean, as one sum over another (every sample has a part of its own), or only all together. */
export type MetricMaking = 'mean' | 'sums' | 'together';

/** Of the built-in metrics that are no means; what an evaluator measures is a mean. */
const MAKINGS: ReadonlyMap<string, MetricMaking> = new Map([
  ...['text.cer', 'text.wer', 'numbers.mae', 'numbers.rmse', 'fields.accuracy', 'fields.precision'].map((name): [string, MetricMaking] => [
    name,
    'sums',
  ]),
  ...[
    ...['numbers.r2', 'numbers.spearman', 'overlap.bleu', 'overlap.chrf', 'labels.macro-f1'],
    ...['labels.macro-precision', 'labels.macro-recall', 'labels.weighted-f1', 'labels.auc', 'labels.calibration-error'],
  ].map((name): [string, MetricMaking] => [name, 'together']),
]);

/** Of `<scorer>.<metric>`. */
export function makingOf(name: string): MetricMaking {
  return MAKINGS.get(name) ?? 'mean';
}

export const TEXT_METRICS: readonly MetricInfo[] = [
  {
    name: 'cer',
    unit: 'fraction',
    direction: 'lower',
    range: [0, null],
    minN: 1,
    title: 'Character error rate',
    description: 'Edits between answer and reference over reference characters, as a corpus ratio.',
  },
  {
    name: 'wer',
    unit: 'fraction',
    direction: 'lower',
    range: [0, null],
    minN: 1,
    title: 'Word error rate',
    description: 'Edits between the words of answer and reference over reference words, as a corpus ratio.',
  },
  {
    name: 'anls',
    unit: 'fraction',
    direction: 'higher',
    range: [0, 1],
    minN: 1,
    title: 'ANLS',
    description: 'Mean normalised Levenshtein similarity; a similarity below one half counts as 0.',
  },
  {
    name: 'exact-match',
    unit: 'fraction',
    direction: 'higher',
    range: [0, 1],
    minN: 1,
    title: 'Exact match',
    description: 'Share of answers that equal the reference.',
  },
];

export const NUMBER_METRICS: readonly MetricInfo[] = [
  {
    name: 'mae',
    unit: 'target unit',
    direction: 'lower',
    range: [0, null],
    minN: 1,
    title: 'Mean absolute error',
    description: 'Mean distance between answer and reference.',
  },
  {
    name: 'rmse',
    unit: 'target unit',
    direction: 'lower',
    range: [0, null],
    minN: 1,
    title: 'Root mean squared error',
    description: 'Square root of the mean squared distance between answer and reference.',
  },
  {
    name: 'r2',
    unit: 'fraction',
    direction: 'higher',
    range: [null, 1],
    minN: 2,
    title: 'R²',
    description: 'Share of the variance of the references that the answers explain; below 0 when the mean would do better.',
  },
  {
    name: 'spearman',
    unit: 'correlation',
    direction: 'higher',
    range: [-1, 1],
    minN: 2,
    title: 'Spearman correlation',
    description: 'Correlation of the ranks of answers and references: whether they come in the same order.',
  },
];

/** In 0..1, higher is better. */
function share(name: string, title: string, description: string): MetricInfo {
  return { name, unit: 'fraction', direction: 'higher', range: [0, 1], minN: 1, title, description };
}

/** In 0..100, higher is better. */
function points(name: string, title: string, description: string): MetricInfo {
  return { name, unit: 'points', direction: 'higher', range: [0, 100], minN: 1, title, description };
}

export const OVERLAP_METRICS: readonly MetricInfo[] = [
  points('bleu', 'BLEU', 'Corpus BLEU with tokenisation 13a: n-grams of the answers that a reference has, and a penalty for brevity.'),
  points('chrf', 'chrF2', 'Corpus chrF2: F-score of character n-grams, recall weighed twice.'),
];

export const FIELD_METRICS: readonly MetricInfo[] = [
  share('anls-star', 'ANLS*', 'Mean similarity of structured answers and truths; lists by their best matching, objects by key.'),
  share(
    'accuracy',
    'Field accuracy',
    'Fields of the truths with an equal value at the same path of the answer, over all fields of the truths.',
  ),
  share('precision', 'Field precision', 'Right fields over all fields that the answers give: right, wrong and invented ones.'),
];

export const LABEL_METRICS: readonly MetricInfo[] = [
  share('accuracy', 'Accuracy', 'Share of answers with the right label; an answer that is no label is wrong.'),
  share('macro-f1', 'Macro F1', 'Mean over classes of 2 x right / (answers + truths).'),
  share('macro-precision', 'Macro precision', 'Mean over classes of right answers over answers; 0 for a class that is never answered.'),
  share('macro-recall', 'Macro recall', 'Mean over classes of right answers over truths: balanced accuracy.'),
  share('weighted-f1', 'Weighted F1', 'Mean over classes of F1, weighed by the truths of each.'),
  share('auc', 'AUC, one against the rest', 'Mean over classes of the chance that a sample of the class scores above one of another.'),
  {
    ...share(
      'calibration-error',
      'Calibration error (ECE, 15 bins)',
      'Mean distance of confidence and accuracy over 15 bins of equal width.',
    ),
    direction: 'lower',
  },
];
