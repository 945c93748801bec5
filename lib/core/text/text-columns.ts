/**
 * The columns of scorer `text`: filled sample by sample while rows stream by. An answer without text is unparsed: wrong for
 * exact match and ANLS, and every character and word of the reference missing for CER and WER.
 */
import type { MetricColumn } from '../columns.ts';
import type { MetricInfo } from '../manifest.ts';
import { anls } from './anls.ts';
import { characterErrors, type ErrorCount, wordErrors } from './error-rate.ts';
import { exactMatch } from './exact-match.ts';

export interface TextScorer {
  readonly columns: readonly MetricColumn[];
  /** Scores one answered sample; `answer` null when it held no text. */
  readonly score: (slot: number, answer: string | null, reference: string) => void;
  /** Notes the reference length of a sample that has no answer. */
  readonly noteReference: (slot: number, reference: string) => void;
}

function emptyColumn(slots: number): Float64Array {
  return new Float64Array(slots).fill(Number.NaN);
}

function ratioColumn(
  name: string,
  info: MetricInfo,
  slots: number,
  count: (answer: string, reference: string) => ErrorCount,
): MetricScorer {
  const numerators = emptyColumn(slots);
  const denominators = emptyColumn(slots);
  return {
    column: { name, info, kind: 'corpus-ratio', numerators, denominators },
    score: (slot, answer, reference) => {
      const { errors, referenceLength } = count(answer ?? '', reference);
      numerators[slot] = errors;
      denominators[slot] = referenceLength;
    },
    noteReference: (slot, reference) => {
      denominators[slot] = count('', reference).referenceLength;
    },
  };
}

function meanColumn(name: string, info: MetricInfo, slots: number, valueAt: (answer: string, reference: string) => number): MetricScorer {
  const values = emptyColumn(slots);
  return {
    column: { name, info, kind: 'mean', values },
    score: (slot, answer, reference) => {
      values[slot] = answer === null ? 0 : valueAt(answer, reference);
    },
    noteReference: () => undefined,
  };
}

interface MetricScorer extends Pick<TextScorer, 'score' | 'noteReference'> {
  readonly column: MetricColumn;
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

export function createTextScorer(metrics: readonly MetricInfo[], slots: number): TextScorer {
  const scorers = metrics.map((info) => metricScorer(info, slots)).filter((scorer) => scorer !== null);
  return {
    columns: scorers.map((scorer) => scorer.column),
    score: (slot, answer, reference) => {
      for (const scorer of scorers) scorer.score(slot, answer, reference);
    },
    noteReference: (slot, reference) => {
      for (const scorer of scorers) scorer.noteReference(slot, reference);
    },
  };
}
