/**
 * Feeds answers to the built-in scorers that read them, with the item's truth beside each. Used by score-rows.ts while it streams.
 */
import { BUILTIN_SCORERS } from '../core/builtin-scorers.ts';
import type { MetricColumn } from '../core/columns.ts';
import type { Job } from '../core/job.ts';
import { labelTruth } from '../core/labels/label-answer.ts';
import { createLabelScorer } from '../core/labels/label-scorer.ts';
import type { MetricInfo } from '../core/manifest.ts';
import { createNumberScorer, parseNumber } from '../core/numbers/number-columns.ts';
import type { ObjectStore } from '../core/ports.ts';
import type { SampleOutput } from '../core/sample.ts';
import { createFieldScorer, fieldsTruth } from '../core/text/field-columns.ts';
import { createOverlapScorer, textTruths } from '../core/text/overlap-columns.ts';
import { createTextScorer } from '../core/text/text-columns.ts';
import type { ReferenceLine } from './read-references.ts';

/** A longer answer is not read: it counts as unparsed. */
const MAX_TEXT_BYTES = 1024 * 1024;

export interface AnswerScorer {
  /** Complete once all rows have been scored. */
  readonly columns: () => readonly MetricColumn[];
  /** Whether truths are needed at all. */
  readonly readsAnswers: boolean;
  /** Scores one answer; the bits of the scorers that could not read it, 0 when all could. */
  readonly score: (slot: number, output: SampleOutput, line: ReferenceLine) => number | Promise<number>;
  /** Notes the truth of a sample without an answer. */
  readonly noteReference: (slot: number, line: ReferenceLine) => void;
}

/** One scorer, fed with what it reads of an answer and of a truth. */
interface Reader {
  readonly scorer: string;
  readonly columns: () => readonly MetricColumn[];
  /** True when the answer could not be read. `text` is null where the answer has none. */
  readonly score: (
    slot: number,
    answer: { readonly text: string | null; readonly output: SampleOutput },
    reference: ReferenceLine['reference'],
  ) => boolean;
  readonly note: (slot: number, reference: ReferenceLine['reference']) => void;
}

/** The text of an answer: inline, or a text file (answers above 64 KiB). Null when there is none to read. */
function textOf(objects: ObjectStore, output: SampleOutput): string | null | Promise<string | null> {
  if (output.text !== undefined) return output.text;
  const file = output.files?.find(({ kind }) => kind === 'text');
  if (file === undefined || file.bytes > MAX_TEXT_BYTES) return null;
  return objects.get(file.key).then((bytes) => (bytes === null ? null : new TextDecoder().decode(bytes)));
}

/** A scorer of texts: an item without a truth for it is none of its business. */
interface TextReader<T> {
  readonly columns: readonly MetricColumn[] | (() => readonly MetricColumn[]);
  readonly score: (slot: number, answer: string | null, truth: T) => boolean;
  readonly noteReference: (slot: number, truth: T) => void;
}

function reading<T>(scorer: string, truthOf: (reference: ReferenceLine['reference']) => T | null, of: TextReader<T>): Reader {
  const { columns } = of;
  return {
    scorer,
    columns: typeof columns === 'function' ? columns : () => columns,
    score: (slot, { text }, reference) => {
      const truth = truthOf(reference);
      return truth === null ? false : of.score(slot, text, truth);
    },
    note: (slot, reference) => {
      const truth = truthOf(reference);
      if (truth !== null) of.noteReference(slot, truth);
    },
  };
}

function textTruth(reference: ReferenceLine['reference']): string | null {
  const truth = reference?.text;
  return typeof truth === 'string' ? truth : null;
}

function numberTruth(reference: ReferenceLine['reference']): number | null {
  const truth = reference?.value;
  return typeof truth === 'number' && Number.isFinite(truth) ? truth : null;
}

function numberReader(metrics: readonly MetricInfo[], slots: number): Reader {
  const numbers = createNumberScorer(metrics, slots);
  return {
    scorer: 'numbers',
    columns: () => numbers.columns,
    score: (slot, { output }, reference) => {
      const truth = numberTruth(reference);
      if (truth === null) return false;
      const answer = parseNumber(output);
      numbers.score(slot, answer, truth);
      return answer === null;
    },
    note: (slot, reference) => {
      const truth = numberTruth(reference);
      if (truth !== null) numbers.noteReference(slot, truth);
    },
  };
}

/** In the order of the columns that they make. */
const READERS: Readonly<Record<string, (metrics: readonly MetricInfo[], slots: number, labels: readonly string[]) => Reader>> = {
  text: (metrics, slots) => reading('text', textTruth, createTextScorer(metrics, slots)),
  numbers: numberReader,
  overlap: (metrics, slots) => reading('overlap', textTruths, createOverlapScorer(metrics, slots)),
  fields: (metrics, slots) => reading('fields', fieldsTruth, createFieldScorer(metrics, slots)),
  labels: (metrics, slots, labels) => reading('labels', labelTruth, createLabelScorer(metrics, labels, slots)),
};

/** The built-in scorers of the job for answers, of which `slots` may come; `labels`: of the whole suite, where the job is scored by them. */
export function createAnswerScorer(objects: ObjectStore, job: Job, slots: number, labels: readonly string[]): AnswerScorer {
  const readers = Object.entries(READERS).flatMap(([scorer, make]) =>
    job.builtinScorers.includes(scorer) ? [make(BUILTIN_SCORERS.get(scorer)?.metrics ?? [], slots, labels)] : [],
  );
  const needsText = readers.some(({ scorer }) => scorer !== 'numbers');
  const bits = new Map(readers.map(({ scorer }) => [scorer, BUILTIN_SCORERS.get(scorer)?.unparsedBit ?? 0]));
  const scoreAll = (slot: number, output: SampleOutput, text: string | null, { reference }: ReferenceLine): number => {
    let unread = 0;
    for (const reader of readers) if (reader.score(slot, { text, output }, reference)) unread |= bits.get(reader.scorer) ?? 0;
    return unread;
  };
  return {
    columns: () => readers.flatMap((reader) => reader.columns()),
    readsAnswers: readers.length > 0,
    score: (slot, output, line) => {
      const text = needsText ? textOf(objects, output) : null;
      if (text instanceof Promise) return text.then((found) => scoreAll(slot, output, found, line));
      return scoreAll(slot, output, text, line);
    },
    noteReference: (slot, { reference }) => {
      for (const reader of readers) reader.note(slot, reference);
    },
  };
}
