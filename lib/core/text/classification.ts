/**
 * Classification by labels: confusion matrix with a column for unparsed answers, accuracy, and precision, recall and F1 by class and in their
 * three averages (Sokolova and Lapalme, 2009). An unparsed answer is wrong: it stays in every denominator that its truth is in.
 */

export const CLASSIFICATION_VERSION = '1.0.0';

export interface LabelledAnswer {
  readonly truth: string;
  /** Null when no label can be read from the answer. */
  readonly prediction: string | null;
}

export interface ClassScore {
  readonly label: string;
  /** Answers whose truth it is. */
  readonly support: number;
  /** Null where the class was never answered; it counts as 0 in the averages. */
  readonly precision: number | null;
  /** Null where the class has no truth; it counts as 0 in the averages. */
  readonly recall: number | null;
  /** 2 TP / (2 TP + FP + FN). */
  readonly f1: number;
}

export interface AveragedScore {
  readonly precision: number;
  readonly recall: number;
  readonly f1: number;
}

export interface Classification {
  readonly n: number;
  readonly unparsed: number;
  /** Labels of truths and of answers, sorted by code units. */
  readonly labels: readonly string[];
  /** confusion[truth][prediction], in the order of `labels`; the last column counts the unparsed. */
  readonly confusion: readonly (readonly number[])[];
  /** Null without answers. */
  readonly accuracy: number | null;
  readonly classes: readonly ClassScore[];
  /** Plain mean over classes; over all answers at once; mean weighed by support. Null without answers. */
  readonly macro: AveragedScore | null;
  readonly micro: AveragedScore | null;
  readonly weighted: AveragedScore | null;
}

interface Counts {
  readonly right: number;
  readonly answered: number;
  readonly support: number;
}

function share(part: number, whole: number): number | null {
  return whole > 0 ? part / whole : null;
}

function f1Of({ right, answered, support }: Counts): number {
  return answered + support > 0 ? (2 * right) / (answered + support) : 0;
}

function scoreOf(counts: Counts): AveragedScore {
  return { precision: share(counts.right, counts.answered) ?? 0, recall: share(counts.right, counts.support) ?? 0, f1: f1Of(counts) };
}

function average(scores: readonly AveragedScore[], weights: readonly number[]): AveragedScore {
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const mean = (key: keyof AveragedScore): number =>
    scores.reduce((sum, score, index) => sum + score[key] * (weights[index] ?? 0), 0) / total;
  return { precision: mean('precision'), recall: mean('recall'), f1: mean('f1') };
}

function confusionOf(answers: readonly LabelledAnswer[], labels: readonly string[]): number[][] {
  const indexOf = new Map(labels.map((label, index) => [label, index]));
  const confusion = labels.map(() => new Array<number>(labels.length + 1).fill(0));
  for (const { truth, prediction } of answers) {
    const row = confusion[indexOf.get(truth) ?? 0] ?? [];
    const column = prediction === null ? labels.length : (indexOf.get(prediction) ?? labels.length);
    row[column] = (row[column] ?? 0) + 1;
  }
  return confusion;
}

/** Labels are compared as they are: normalise them first. */
export function classify(answers: readonly LabelledAnswer[]): Classification {
  const predictions = answers.flatMap(({ prediction }) => (prediction === null ? [] : [prediction]));
  const labels = [...new Set([...answers.map(({ truth }) => truth), ...predictions])].sort();
  const confusion = confusionOf(answers, labels);
  const counts = labels.map(
    (_, index): Counts => ({
      right: confusion[index]?.[index] ?? 0,
      answered: confusion.reduce((sum, row) => sum + (row[index] ?? 0), 0),
      support: (confusion[index] ?? []).reduce((sum, count) => sum + count, 0),
    }),
  );
  const right = counts.reduce((sum, count) => sum + count.right, 0);
  const scores = counts.map(scoreOf);
  const isEmpty = answers.length === 0;
  return {
    n: answers.length,
    unparsed: answers.length - predictions.length,
    labels,
    confusion,
    accuracy: share(right, answers.length),
    classes: labels.map((label, index) => classScore(label, counts[index] ?? { right: 0, answered: 0, support: 0 })),
    macro: isEmpty
      ? null
      : average(
          scores,
          labels.map(() => 1),
        ),
    micro: isEmpty ? null : scoreOf({ right, answered: predictions.length, support: answers.length }),
    weighted: isEmpty
      ? null
      : average(
          scores,
          counts.map(({ support }) => support),
        ),
  };
}

function classScore(label: string, counts: Counts): ClassScore {
  const { right, answered, support } = counts;
  return { label, support, precision: share(right, answered), recall: share(right, support), f1: f1Of(counts) };
}
