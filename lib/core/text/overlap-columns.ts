/**
 * The columns of scorer `overlap`: BLEU and chrF of a corpus. Each sample leaves the few counts behind that the metric of
 * lib/core/text/ngram-metrics.ts sums up. An answer without text is an empty one: nothing of the reference is in it.
 */
import type { MetricColumn } from '../columns.ts';
import type { MetricInfo } from '../manifest.ts';
import type { Estimator } from '../measures/estimator.ts';
import { createPartColumns, type PartColumns } from './part-columns.ts';
import type { TextMetric } from './text-metric.ts';
import { textMetric } from './text-metrics.ts';

/** In `states`: an item without a truth, a sample without an answer, one with an answer. */
const [NO_TRUTH, UNANSWERED, ANSWERED] = [0, 1, 2];

export interface TextCounts {
  readonly metric: TextMetric;
  /** By slot; of an unanswered sample the counts of a perfect answer. */
  readonly parts: PartColumns;
  readonly states: Uint8Array;
}

export interface OverlapScorer {
  /** Complete once all rows have been scored: signatures name the number of references. */
  readonly columns: () => readonly MetricColumn[];
  /** Scores one answered sample; `answer` null when it held no text, which is then true. */
  readonly score: (slot: number, answer: string | null, references: readonly string[]) => boolean;
  /** Notes what a perfect answer to a sample would count that has none. */
  readonly noteReference: (slot: number, references: readonly string[]) => void;
}

/** `texts`, a list of alternatives, else `text`; null where there is neither. */
export function textTruths(reference: Readonly<Record<string, unknown>> | null): readonly string[] | null {
  const texts: unknown = reference?.texts ?? [reference?.text];
  if (!Array.isArray(texts) || texts.length === 0) return null;
  const strings = texts.filter((text): text is string => typeof text === 'string');
  return strings.length === texts.length ? strings : null;
}

export function overlapEstimator({ metric, parts, states }: TextCounts): Estimator {
  const row = new Float64Array(metric.parts);
  return {
    width: metric.width,
    has: (slot) => states[slot] === ANSWERED,
    add: (slot, sums, offset) => {
      parts.read(slot, row);
      metric.expand(row, sums, offset);
    },
    value: metric.value,
    binary: false,
  };
}

/** The score of one sample by itself; NaN where it has none. */
export function overlapOfSample({ metric, parts, states }: TextCounts, slot: number): number {
  if (states[slot] !== ANSWERED) return Number.NaN;
  const [row, sums] = [new Float64Array(metric.parts), new Float64Array(metric.width)];
  parts.read(slot, row);
  metric.expand(row, sums, 0);
  return metric.rowValue(sums, 0);
}

/** Whether a sample that was due and has a truth has no answer. */
export function hasUnansweredTexts({ states }: TextCounts, isDue: (slot: number) => boolean): boolean {
  return states.some((state, slot) => state === UNANSWERED && isDue(slot));
}

/** As if every sample that was due and has no answer had been answered by its longest reference, word for word. */
export function answeredPerfectly(counts: TextCounts, isDue: (slot: number) => boolean): TextCounts {
  return { ...counts, states: counts.states.map((state, slot) => (state === UNANSWERED && isDue(slot) ? ANSWERED : state)) };
}

/** The counts at these slots, in their order. */
export function pickCounts({ metric, parts, states }: TextCounts, slots: Uint32Array): TextCounts {
  const read: PartColumns['read'] = (slot, row) => parts.read(slots[slot] ?? 0, row);
  return { metric, parts: { ...parts, read }, states: Uint8Array.from(slots, (slot) => states[slot] ?? NO_TRUTH) };
}

const METRICS = { bleu: 'corpus-bleu', chrf: 'corpus-chrf' } as const;

function createCounts(name: keyof typeof METRICS, slots: number): TextCounts {
  const metric = textMetric(name);
  return { metric, parts: createPartColumns(metric.parts), states: new Uint8Array(slots) };
}

/** Columns of the metrics of overlap for `slots` samples, filled one answer at a time. */
export function createOverlapScorer(metrics: readonly MetricInfo[], slots: number): OverlapScorer {
  let references: number | 'var' | null = null;
  const made = metrics.flatMap((info) => {
    const { name } = info;
    return name === 'bleu' || name === 'chrf' ? [{ info, kind: METRICS[name], counts: createCounts(name, slots) }] : [];
  });
  const note = (slot: number, prediction: string, truths: readonly string[], state: number): void => {
    references = references === null || references === truths.length ? truths.length : 'var';
    for (const { counts } of made) {
      const row = new Float64Array(counts.metric.parts);
      counts.metric.measure({ kind: 'text', prediction, references: truths }, row);
      counts.parts.write(slot, row);
      counts.states[slot] = state;
    }
  };
  const signatureOf = ({ metric }: TextCounts): string | undefined => metric.signatures(references ?? 1)?.value;
  return {
    columns: () =>
      made.map(({ info, kind, counts }): MetricColumn => {
        const signature = signatureOf(counts);
        return { name: `overlap.${info.name}`, info, kind, counts, ...(signature === undefined ? {} : { signature }) };
      }),
    score: (slot, answer, truths) => {
      note(slot, answer ?? '', truths, ANSWERED);
      return answer === null;
    },
    noteReference: (slot, truths) => {
      note(slot, longest(truths), truths, UNANSWERED);
    },
  };
}

function longest(texts: readonly string[]): string {
  return texts.reduce((best, text) => (text.length > best.length ? text : best), '');
}
