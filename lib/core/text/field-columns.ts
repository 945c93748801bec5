/**
 * The columns of scorer `fields`: structured answers against structured truths. An answer that is no JSON is unparsed, and counts as one that
 * answers every field of the truth wrongly.
 */
import type { MetricColumn } from '../columns.ts';
import type { MetricInfo } from '../manifest.ts';
import { anlsStar } from './anls-star.ts';
import { countFields, type FieldCount } from './field-accuracy.ts';
import { jsonAnswer } from './json-answer.ts';
import { type JsonTree, treeOf } from './json-tree.ts';

export interface FieldScorer {
  readonly columns: readonly MetricColumn[];
  /** Scores one answered sample; `answer` null when it held no text. True when it was no JSON that can be compared. */
  readonly score: (slot: number, answer: string | null, truth: JsonTree) => boolean;
  /** Notes how many fields a sample has that has no answer. */
  readonly noteReference: (slot: number, truth: JsonTree) => void;
}

/** The tree under `fields`; null where there is none, or none that can be compared (json-tree.ts has the bounds). */
export function fieldsTruth(reference: Readonly<Record<string, unknown>> | null): JsonTree | null {
  if (reference === null || !Object.hasOwn(reference, 'fields') || reference.fields === undefined) return null;
  return treeWithin(reference.fields, true);
}

function treeWithin(value: unknown, isTruth: boolean): JsonTree | null {
  try {
    return treeOf(value, isTruth);
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
}

function optionsOf(truth: JsonTree): readonly JsonTree[] {
  return truth.kind === 'one-of' ? truth.options : [truth];
}

function wantedOf({ right, wrong, missing }: FieldCount): number {
  return right + wrong + missing;
}

/** Of several truths the one with the highest share of right fields. */
function bestCount(answer: JsonTree, truth: JsonTree): FieldCount {
  const counts = optionsOf(truth).map((option) => countFields(answer, option));
  return counts.reduce((best, count) => (count.right / wantedOf(count) > best.right / wantedOf(best) ? count : best));
}

/** Fields of the first truth: what a sample without a readable answer is measured by. */
function fieldCount(truth: JsonTree): number {
  return wantedOf(countFields({ kind: 'none' }, optionsOf(truth)[0] ?? truth));
}

interface Ratio {
  readonly numerators: Float32Array;
  readonly denominators: Float32Array;
}

/** Columns of the metrics of fields for `slots` samples, filled one answer at a time. */
export function createFieldScorer(metrics: readonly MetricInfo[], slots: number): FieldScorer {
  const none = (): Float32Array => new Float32Array(slots).fill(Number.NaN);
  const values = new Float64Array(slots).fill(Number.NaN);
  const accuracy: Ratio = { numerators: none(), denominators: none() };
  const precision: Ratio = { numerators: none(), denominators: none() };
  const columnOf = (info: MetricInfo): MetricColumn | null => {
    const head = { name: `fields.${info.name}`, info };
    if (info.name === 'anls-star') return { ...head, kind: 'mean', values };
    if (info.name === 'accuracy') return { ...head, kind: 'corpus-ratio', ...accuracy };
    return info.name === 'precision' ? { ...head, kind: 'corpus-ratio', ...precision, grows: true } : null;
  };
  const note = (slot: number, right: number, wanted: number, given: number): void => {
    accuracy.numerators[slot] = right;
    precision.numerators[slot] = right;
    accuracy.denominators[slot] = wanted;
    precision.denominators[slot] = given;
  };
  return {
    columns: metrics.map(columnOf).filter((column) => column !== null),
    score: (slot, answer, truth) => {
      const json = answer === null ? null : jsonAnswer(answer);
      const tree = json === null ? null : treeWithin(json.value, false);
      if (tree === null) {
        const wanted = fieldCount(truth);
        values[slot] = 0;
        note(slot, 0, wanted, wanted);
        return true;
      }
      const count = bestCount(tree, truth);
      values[slot] = anlsStar(tree, optionsOf(truth));
      note(slot, count.right, wantedOf(count), count.right + count.wrong + count.invented);
      return false;
    },
    noteReference: (slot, truth) => {
      const wanted = fieldCount(truth);
      accuracy.denominators[slot] = wanted;
      precision.denominators[slot] = wanted;
    },
  };
}
