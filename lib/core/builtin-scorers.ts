/**
 * The scorers that are pure TypeScript in core: their versions, the metrics that they yield, the tasks that they can read, the truths they need.
 * Parsing a spec, planning and scoring read this table; it computes nothing.
 */
import { FIELD_METRICS, LABEL_METRICS, NUMBER_METRICS, OVERLAP_METRICS, TEXT_METRICS } from './builtin-metrics.ts';
import { labelTruth } from './labels/label-answer.ts';
import type { MetricInfo, TASKS } from './manifest.ts';
import { fieldsTruth } from './text/field-columns.ts';
import { textTruths } from './text/overlap-columns.ts';

export type Task = (typeof TASKS)[number];
/** An item's truths, as suites and specs hold them. */
type Reference = Readonly<Record<string, unknown>> | null;

/** What a scorer compares with, of an item's reference. */
export interface ReferenceNeed {
  /** Alternatives: one of them suffices. */
  readonly keys: readonly string[];
  readonly isMet: (reference: Reference) => boolean;
  /** What is missing where it is not met, in words. */
  readonly expected: string;
}

export interface BuiltinScorer {
  /** Raised whenever a formula changes: a score names the version that made it. */
  readonly version: string;
  /** Empty for scorers whose figures have records of their own (latency, resources) and cannot be weighed. */
  readonly metrics: readonly MetricInfo[];
  /** Tasks whose outputs the scorer can read; `any` for those that do not look at outputs. */
  readonly appliesTo: readonly Task[] | 'any';
  /** Null when it needs none. */
  readonly reference: ReferenceNeed | null;
  /** Which bit of JobColumns.state says that this scorer could not read the answer; 0 for one that reads none. */
  readonly unparsedBit: number;
}

const NO_ANSWERS = { metrics: [], appliesTo: 'any', reference: null, unparsedBit: 0 } as const;
const TEXTS: Pick<BuiltinScorer, 'appliesTo'> = { appliesTo: ['image-to-text', 'chat'] };

/** `text` and `numbers` read answers of different tasks: they share a bit. */
export const BUILTIN_SCORERS: ReadonlyMap<string, BuiltinScorer> = new Map<string, BuiltinScorer>([
  ['latency', { version: '1.0.0', ...NO_ANSWERS }],
  ['resources', { version: '1.0.0', ...NO_ANSWERS }],
  [
    'text',
    {
      version: '1.0.0',
      metrics: TEXT_METRICS,
      ...TEXTS,
      reference: { keys: ['text'], isMet: (reference) => typeof reference?.text === 'string', expected: 'a text under reference.text' },
      unparsedBit: 4,
    },
  ],
  [
    'numbers',
    {
      version: '1.1.0',
      metrics: NUMBER_METRICS,
      appliesTo: ['tabular-regression'],
      reference: {
        keys: ['value'],
        isMet: (reference) => typeof reference?.value === 'number',
        expected: 'a number under reference.value',
      },
      unparsedBit: 4,
    },
  ],
  [
    'overlap',
    {
      version: '1.0.0',
      metrics: OVERLAP_METRICS,
      ...TEXTS,
      reference: {
        keys: ['text', 'texts'],
        isMet: (reference) => textTruths(reference) !== null,
        expected: 'a text under reference.text, or a list of texts under reference.texts',
      },
      unparsedBit: 16,
    },
  ],
  [
    'fields',
    {
      version: '1.0.0',
      metrics: FIELD_METRICS,
      ...TEXTS,
      reference: {
        keys: ['fields'],
        isMet: (reference) => fieldsTruth(reference) !== null,
        expected: 'a JSON value under reference.fields, nested at most 64 deep, with lists of at most 500',
      },
      unparsedBit: 32,
    },
  ],
  [
    'labels',
    {
      version: '1.0.0',
      metrics: LABEL_METRICS,
      ...TEXTS,
      reference: {
        keys: ['label'],
        isMet: (reference) => labelTruth(reference) !== null,
        expected: 'a text that is not empty under reference.label',
      },
      unparsedBit: 64,
    },
  ],
]);
