/**
 * The columns of scorer `labels`: filled sample by sample while rows stream by. The labels of the suite are known beforehand, so that a million
 * answers leave a few numbers each behind, whatever they say.
 */
import type { MetricColumn } from '../columns.ts';
import type { MetricInfo } from '../manifest.ts';
import { CLASS_AVERAGES } from './class-estimator.ts';
import { readLabelAnswer } from './label-answer.ts';
import { type LabelColumns, NO_ANSWER, NO_LABEL, UNPARSED_ANSWER } from './label-columns.ts';

/** Scores of all classes by slot stand in memory at once; more of them make no AUC (32 MiB). */
export const MAX_SCORES = 2 ** 22;

export interface LabelScorer {
  /** Complete once all rows have been scored. */
  readonly columns: () => readonly MetricColumn[];
  /** Scores one answered sample; `answer` null when it held no text. True when it is none of the labels. */
  readonly score: (slot: number, answer: string | null, truth: string) => boolean;
  /** Notes the truth of a sample that has no answer. */
  readonly noteReference: (slot: number, truth: string) => void;
}

interface Certainty {
  readonly confidences: Float64Array;
  readonly scores: Float64Array;
}

const NOTHING = new Float64Array(0);

/** Arrays that most jobs never need are made when the first answer has something for them. */
function createCertainty(slots: number, labels: readonly string[]) {
  let [confidences, scores] = [NOTHING, NOTHING];
  const isBounded = slots * labels.length <= MAX_SCORES;
  return {
    isBounded,
    noteConfidence: (slot: number, confidence: number): void => {
      if (Number.isNaN(confidence)) return;
      if (confidences === NOTHING) confidences = new Float64Array(slots).fill(Number.NaN);
      confidences[slot] = confidence;
    },
    noteScores: (slot: number, given: ReadonlyMap<string, number> | null): void => {
      if (given === null || !isBounded || !labels.every((label) => given.has(label))) return;
      if (scores === NOTHING) scores = new Float64Array(slots * labels.length).fill(Number.NaN);
      for (const [code, label] of labels.entries()) scores[slot * labels.length + code] = given.get(label) ?? Number.NaN;
    },
    taken: (): Certainty => ({ confidences, scores }),
  };
}

function aucAbsence(isBounded: boolean, classes: number): (samples: number) => string {
  if (!isBounded) return () => `more scores than can be ranked: samples x ${classes} labels exceed ${MAX_SCORES}`;
  return (samples) => (samples === 0 ? 'no answer told scores of all labels' : 'all samples with scores have one label as their truth');
}

/** `labels`: of all truths of the suite, normalised, sorted by code units. */
export function createLabelScorer(metrics: readonly MetricInfo[], labels: readonly string[], slots: number): LabelScorer {
  const codes = new Map(labels.map((label, code) => [label, code]));
  const answers: LabelColumns = { labels, truths: new Int32Array(slots).fill(NO_LABEL), answers: new Int32Array(slots).fill(NO_ANSWER) };
  const values = new Float64Array(slots).fill(Number.NaN);
  const certainty = createCertainty(slots, labels);
  const columnOf = (info: MetricInfo): MetricColumn | null => {
    const head = { name: `labels.${info.name}`, info };
    const average = CLASS_AVERAGES.find((name) => name === info.name);
    if (average !== undefined) return { ...head, kind: average, answers };
    const { confidences, scores } = certainty.taken();
    if (info.name === 'accuracy') return { ...head, kind: 'mean', values };
    if (info.name === 'calibration-error')
      return { ...head, kind: 'ece-equal-width-15', answers, confidences, absence: () => 'no answer told its confidence' };
    if (info.name !== 'auc') return null;
    return { ...head, kind: 'macro-auc-one-vs-rest', answers, scores, absence: aucAbsence(certainty.isBounded, labels.length) };
  };
  return {
    columns: () => metrics.map(columnOf).filter((column) => column !== null),
    score: (slot, answer, truth) => {
      const { label, confidence, scores } =
        answer === null ? { label: null, confidence: Number.NaN, scores: null } : readLabelAnswer(answer);
      const [wanted, given] = [codes.get(truth) ?? NO_LABEL, label === null ? undefined : codes.get(label)];
      answers.truths[slot] = wanted;
      answers.answers[slot] = given ?? UNPARSED_ANSWER;
      values[slot] = given === wanted ? 1 : 0;
      certainty.noteConfidence(slot, confidence);
      certainty.noteScores(slot, scores);
      return given === undefined;
    },
    noteReference: (slot, truth) => {
      answers.truths[slot] = codes.get(truth) ?? NO_LABEL;
    },
  };
}
