/** Truths and answers of a classification as small whole numbers by slot: 8 bytes a sample, whatever the labels are called. */

/** In place of a label's code. A truth is a code or NO_LABEL: an item without one. */
export const NO_LABEL = -1;
/** An answer of a sample that has none: failed or missing. */
export const NO_ANSWER = -1;
/** An answer that is none of the labels. */
export const UNPARSED_ANSWER = -2;
/** A wrong answer of every other class at once: worse than any that could have been given. Made by imputation only. */
export const EVERY_OTHER = -3;

export interface LabelColumns {
  /** Of all truths, normalised, sorted by code units: a code is an index into them. */
  readonly labels: readonly string[];
  readonly truths: Int32Array;
  readonly answers: Int32Array;
}

/** The columns with an answer for every sample that was due and has none: the right one, or the worst there is. */
export function withoutGaps(columns: LabelColumns, bound: 'best' | 'worst', isDue: (slot: number) => boolean): LabelColumns {
  const answers = columns.answers.slice();
  for (let slot = 0; slot < answers.length; slot++) {
    const truth = columns.truths[slot] ?? NO_LABEL;
    if (truth !== NO_LABEL && answers[slot] === NO_ANSWER && isDue(slot)) answers[slot] = bound === 'best' ? truth : EVERY_OTHER;
  }
  return { ...columns, answers };
}

/** Whether a sample that was due and has a truth has no answer. */
export function hasUnanswered({ truths, answers }: LabelColumns, isDue: (slot: number) => boolean): boolean {
  return answers.some((answer, slot) => answer === NO_ANSWER && truths[slot] !== NO_LABEL && isDue(slot));
}

/** The columns at these slots, in their order. */
export function pickLabels({ labels, truths, answers }: LabelColumns, slots: Uint32Array): LabelColumns {
  return {
    labels,
    truths: Int32Array.from(slots, (slot) => truths[slot] ?? NO_LABEL),
    answers: Int32Array.from(slots, (slot) => answers[slot] ?? NO_ANSWER),
  };
}

/** The columns over fewer labels, sorted as all are: an answer that is none of them is unparsed, a truth that is none of them is no truth. */
export function onLabels({ labels, truths, answers }: LabelColumns, kept: readonly string[]): LabelColumns {
  const places = new Map(kept.map((label, code) => [label, code]));
  const codes = Int32Array.from(labels, (label) => places.get(label) ?? UNPARSED_ANSWER);
  return {
    labels: kept,
    truths: truths.map((truth) => (truth < 0 ? truth : Math.max(NO_LABEL, codes[truth] ?? NO_LABEL))),
    answers: answers.map((answer) => (answer < 0 ? answer : (codes[answer] ?? UNPARSED_ANSWER))),
  };
}
