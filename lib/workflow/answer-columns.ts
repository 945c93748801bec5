/**
 * Feeds answers to the built-in scorers that read them (text, numbers), with the item's truth beside each. Used by score-rows.ts
 * while it streams.
 */
import { BUILTIN_SCORERS } from '../core/builtin-scorers.ts';
import type { MetricColumn } from '../core/columns.ts';
import type { Job } from '../core/job.ts';
import type { MetricInfo } from '../core/manifest.ts';
import { createNumberScorer, parseNumber } from '../core/numbers/number-columns.ts';
import type { ObjectStore } from '../core/ports.ts';
import type { SampleOutput } from '../core/sample.ts';
import { createTextScorer } from '../core/text/text-columns.ts';
import type { ReferenceLine } from './read-references.ts';

/** A longer answer is not read: it counts as unparsed. */
const MAX_TEXT_BYTES = 1024 * 1024;

export interface AnswerScorer {
  readonly columns: readonly MetricColumn[];
  /** Whether truths are needed at all. */
  readonly readsAnswers: boolean;
  /** Scores one answer; true when it was unparsed. */
  readonly score: (slot: number, output: SampleOutput, line: ReferenceLine) => boolean | Promise<boolean>;
  /** Notes the truth of a sample without an answer. */
  readonly noteReference: (slot: number, line: ReferenceLine) => void;
}

function metricsOf(job: Job, scorer: string): readonly MetricInfo[] {
  return job.builtinScorers.includes(scorer) ? (BUILTIN_SCORERS.get(scorer)?.metrics ?? []) : [];
}

/** The text of an answer: inline, or a text file (answers above 64 KiB). Null when there is none to read. */
function textOf(objects: ObjectStore, output: SampleOutput): string | null | Promise<string | null> {
  if (output.text !== undefined) return output.text;
  const file = output.files?.find(({ kind }) => kind === 'text');
  if (file === undefined || file.bytes > MAX_TEXT_BYTES) return null;
  return objects.get(file.key).then((bytes) => (bytes === null ? null : new TextDecoder().decode(bytes)));
}

function textTruth(line: ReferenceLine): string | null {
  const truth = line.reference?.text;
  return typeof truth === 'string' ? truth : null;
}

function numberTruth(line: ReferenceLine): number | null {
  const truth = line.reference?.value;
  return typeof truth === 'number' && Number.isFinite(truth) ? truth : null;
}

/** The built-in scorers of the job for answers, of which `slots` may come. */
export function createAnswerScorer(objects: ObjectStore, job: Job, slots: number): AnswerScorer {
  const textMetrics = metricsOf(job, 'text');
  const numberMetrics = metricsOf(job, 'numbers');
  const text = textMetrics.length > 0 ? createTextScorer(textMetrics, slots) : null;
  const numbers = numberMetrics.length > 0 ? createNumberScorer(numberMetrics, slots) : null;

  const scoreNumber = (slot: number, output: SampleOutput, truth: number | null): boolean => {
    if (numbers === null || truth === null) return false;
    const answer = parseNumber(output);
    numbers.score(slot, answer, truth);
    return answer === null;
  };
  const scoreText = (slot: number, answer: string | null, truth: string): boolean => {
    text?.score(slot, answer, truth);
    return answer === null;
  };

  return {
    columns: [...(text?.columns ?? []), ...(numbers?.columns ?? [])],
    readsAnswers: text !== null || numbers !== null,
    score: (slot, output, line) => {
      const unparsed = scoreNumber(slot, output, numberTruth(line));
      const truth = textTruth(line);
      if (text === null || truth === null) return unparsed;
      const answer = textOf(objects, output);
      if (answer instanceof Promise) return answer.then((found) => scoreText(slot, found, truth) || unparsed);
      return scoreText(slot, answer, truth) || unparsed;
    },
    noteReference: (slot, line) => {
      const [words, value] = [textTruth(line), numberTruth(line)];
      if (words !== null) text?.noteReference(slot, words);
      if (value !== null) numbers?.noteReference(slot, value);
    },
  };
}
