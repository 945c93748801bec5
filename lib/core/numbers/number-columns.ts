/**
 * The columns of scorer `numbers`: prediction and reference of each sample, shared by MAE, RMSE, R² and Spearman's correlation. An answer that is no
 * finite number is unparsed: it has no error, lowers the coverage, and makes the job's place unprovable (docs/measures.md).
 */
import type { MetricColumn } from '../columns.ts';
import type { MetricInfo } from '../manifest.ts';
import type { SampleOutput } from '../sample.ts';

const DECIMAL = /^[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?$/;

/** The number in an answer: a finite `value`, or a text that is a decimal number and nothing else. Null when unparsed. */
export function parseNumber(output: SampleOutput): number | null {
  const answer = output.value ?? output.text ?? null;
  if (answer === null) return null;
  const text = typeof answer === 'number' ? null : answer.trim();
  const value = text === null ? Number(answer) : DECIMAL.test(text) ? Number(text) : Number.NaN;
  return Number.isFinite(value) ? value : null;
}

export interface NumberScorer {
  readonly columns: readonly MetricColumn[];
  /** `answer` null when unparsed. */
  readonly score: (slot: number, answer: number | null, reference: number) => void;
  readonly noteReference: (slot: number, reference: number) => void;
}

function columnOf(info: MetricInfo, numbers: { predictions: Float64Array; references: Float64Array }): MetricColumn | null {
  const { name } = info;
  if (name === 'spearman') {
    const absence = (samples: number): string =>
      samples < 2 ? 'no two samples have a number' : 'all answers, or all references, are equal';
    return { name: `numbers.${name}`, info, kind: name, ranked: numbers, absence };
  }
  return name === 'mae' || name === 'rmse' || name === 'r2' ? { name: `numbers.${name}`, info, kind: name, numbers } : null;
}

/** Columns of MAE, RMSE, R2 and Spearman's correlation for `slots` samples, filled one answer at a time. */
export function createNumberScorer(metrics: readonly MetricInfo[], slots: number): NumberScorer {
  const predictions = new Float64Array(slots).fill(Number.NaN);
  const references = new Float64Array(slots).fill(Number.NaN);
  return {
    columns: metrics.map((info) => columnOf(info, { predictions, references })).filter((column) => column !== null),
    score: (slot, answer, reference) => {
      references[slot] = reference;
      predictions[slot] = answer ?? Number.NaN;
    },
    noteReference: (slot, reference) => {
      references[slot] = reference;
    },
  };
}
