/**
 * The columns of scorer `text`: filled sample by sample while rows stream by. An answer without text is unparsed: wrong for
 * exact match and ANLS, and every character and word of the reference missing for CER and WER.
 */
import type { MetricColumn } from '../columns.ts';
import type { MetricInfo } from '../manifest.ts';
import { anls } from './anls.ts';
import { characterErrors, type ErrorCount, wordErrors } from './error-rate.ts';
import { exactMatch } from './exact-match.ts';
import { type PreparedText, prepareText } from './normalise.ts';

export interface TextScorer {
  readonly columns: readonly MetricColumn[];
  /** Scores one answered sample; `answer` null when it held no text, which is then true. */
  readonly score: (slot: number, answer: string | null, reference: string) => boolean;
  /** Notes the reference length of a sample that has no answer. */
  readonly noteReference: (slot: number, reference: string) => void;
}

interface MetricScorer {
  readonly column: MetricColumn;
  readonly score: (slot: number, answer: PreparedText | null, reference: PreparedText) => void;
  readonly noteReference: (slot: number, reference: PreparedText) => void;
}

const NO_TEXT = prepareText('');

function ratioColumn(
  name: string,
  info: MetricInfo,
  slots: number,
  count: (answer: PreparedText, reference: PreparedText) => ErrorCount,
): MetricScorer {
  const numerators = new Float32Array(slots).fill(Number.NaN);
  const denominators = new Float32Array(slots).fill(Number.NaN);
  return {
    column: { name, info, kind: 'corpus-ratio', numerators, denominators },
    score: (slot, answer, reference) => {
      const { errors, referenceLength } = count(answer ?? NO_TEXT, reference);
      numerators[slot] = errors;
      denominators[slot] = referenceLength;
    },
    noteReference: (slot, reference) => {
      denominators[slot] = count(NO_TEXT, reference).referenceLength;
    },
  };
}

function meanColumn(
  name: string,
  info: MetricInfo,
  slots: number,
  valueAt: (answer: PreparedText, reference: PreparedText) => number,
): MetricScorer {
  const values = new Float64Array(slots).fill(Number.NaN);
  return {
    column: { name, info, kind: 'mean', values },
    score: (slot, answer, reference) => {
      values[slot] = answer === null ? 0 : valueAt(answer, reference);
    },
    noteReference: () => undefined,
  };
}

function metricScorer(info: MetricInfo, slots: number): MetricScorer | null {
  const name = `text.${info.name}`;
  switch (info.name) {
    case 'cer':
      return ratioColumn(name, info, slots, characterErrors);
    case 'wer':
      return ratioColumn(name, info, slots, wordErrors);
    case 'anls':
      return meanColumn(name, info, slots, (answer, reference) => anls(answer, [reference]));
    case 'exact-match':
      return meanColumn(name, info, slots, exactMatch);
    default:
      return null;
  }
}

/** Columns of the text metrics for `slots` samples, filled one answer at a time. */
export function createTextScorer(metrics: readonly MetricInfo[], slots: number): TextScorer {
  const scorers = metrics.map((info) => metricScorer(info, slots)).filter((scorer) => scorer !== null);
  return {
    columns: scorers.map((scorer) => scorer.column),
    score: (slot, answer, reference) => {
      const prepared = answer === null ? null : prepareText(answer);
      const truth = prepareText(reference);
      for (const scorer of scorers) scorer.score(slot, prepared, truth);
      return answer === null;
    },
    noteReference: (slot, reference) => {
      const truth = prepareText(reference);
      for (const scorer of scorers) scorer.noteReference(slot, truth);
    },
  };
}
