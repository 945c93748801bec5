/**
 * The scorers that are pure TypeScript in core: their versions, the metrics that they yield, and the tasks that they can read.
 * Parsing a spec, planning and scoring read this table; it computes nothing.
 */
import type { MetricInfo, TASKS } from './manifest.ts';

export type Task = (typeof TASKS)[number];

export interface BuiltinScorer {
  /** Raised whenever a formula changes: a score names the version that made it. */
  readonly version: string;
  /** Empty for scorers whose figures have records of their own (latency, resources) and cannot be weighed. */
  readonly metrics: readonly MetricInfo[];
  /** Tasks whose outputs the scorer can read; `any` for those that do not look at outputs. */
  readonly appliesTo: readonly Task[] | 'any';
  /** The key of an item's reference that the scorer compares with, and its type; null when it needs none. */
  readonly reference: { readonly key: string; readonly type: 'string' | 'number' } | null;
}

const TEXT_METRICS: readonly MetricInfo[] = [
  {
    name: 'cer',
    unit: 'fraction',
    direction: 'lower',
    range: [0, null],
    minN: 1,
    title: 'Character error rate',
    description: 'Edits between answer and reference over reference characters, as a corpus ratio.',
  },
  {
    name: 'wer',
    unit: 'fraction',
    direction: 'lower',
    range: [0, null],
    minN: 1,
    title: 'Word error rate',
    description: 'Edits between the words of answer and reference over reference words, as a corpus ratio.',
  },
  {
    name: 'anls',
    unit: 'fraction',
    direction: 'higher',
    range: [0, 1],
    minN: 1,
    title: 'ANLS',
    description: 'Mean normalised Levenshtein similarity; a similarity below one half counts as 0.',
  },
  {
    name: 'exact-match',
    unit: 'fraction',
    direction: 'higher',
    range: [0, 1],
    minN: 1,
    title: 'Exact match',
    description: 'Share of answers that equal the reference.',
  },
];

const NUMBER_METRICS: readonly MetricInfo[] = [
  {
    name: 'mae',
    unit: 'target unit',
    direction: 'lower',
    range: [0, null],
    minN: 1,
    title: 'Mean absolute error',
    description: 'Mean distance between answer and reference.',
  },
  {
    name: 'rmse',
    unit: 'target unit',
    direction: 'lower',
    range: [0, null],
    minN: 1,
    title: 'Root mean squared error',
    description: 'Square root of the mean squared distance between answer and reference.',
  },
  {
    name: 'r2',
    unit: 'fraction',
    direction: 'higher',
    range: [null, 1],
    minN: 2,
    title: 'R²',
    description: 'Share of the variance of the references that the answers explain; below 0 when the mean would do better.',
  },
];

export const BUILTIN_SCORERS: ReadonlyMap<string, BuiltinScorer> = new Map<string, BuiltinScorer>([
  ['latency', { version: '1.0.0', metrics: [], appliesTo: 'any', reference: null }],
  ['resources', { version: '1.0.0', metrics: [], appliesTo: 'any', reference: null }],
  ['text', { version: '1.0.0', metrics: TEXT_METRICS, appliesTo: ['image-to-text'], reference: { key: 'text', type: 'string' } }],
  [
    'numbers',
    { version: '1.0.0', metrics: NUMBER_METRICS, appliesTo: ['tabular-regression'], reference: { key: 'value', type: 'number' } },
  ],
]);
