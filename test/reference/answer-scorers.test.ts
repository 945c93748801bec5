/**
 * The measures of scorers `labels`, `numbers` and `overlap` as runs compute them, resamples included, against scikit-learn, scipy and sacrebleu on
 * thousands of random cases.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LABEL_METRICS, OVERLAP_METRICS } from '../../lib/core/builtin-metrics.ts';
import { estimatorOf, type MetricColumn } from '../../lib/core/columns.ts';
import { createLabelScorer } from '../../lib/core/labels/label-scorer.ts';
import { type Measure, meanEstimator } from '../../lib/core/measures/estimator.ts';
import { weighed } from '../../lib/core/measures/rank-estimator.ts';
import { spreadOf } from '../../lib/core/measures/spread.ts';
import { spearmanEstimator } from '../../lib/core/numbers/spearman-estimator.ts';
import { createOverlapScorer } from '../../lib/core/text/overlap-columns.ts';
import { randomTexts } from './random-texts.ts';
import { type ReferenceProcess, startReference } from './reference-process.ts';

const CASES = 2000;

let reference: ReferenceProcess;
beforeAll(async () => {
  reference = await startReference();
}, 600_000);
afterAll(() => reference.stop());

const draws = randomTexts('answer-scorers');
const list = <T>(length: number, make: (index: number) => T): T[] => Array.from({ length }, (_, index) => make(index));

/** The measure where sample k counts weights[k] times. */
function weighedValue(measure: Measure, weights: readonly number[]): number {
  const estimator = 'prepare' in measure ? measure : weighed(measure);
  const slots = [...weights.keys()].filter((slot) => estimator.has(slot));
  return estimator.prepare(Uint32Array.from(slots))(Uint32Array.from(slots, (slot) => weights[slot]!));
}

interface LabelCase {
  readonly labels: readonly string[];
  readonly truth: readonly string[];
  readonly prediction: readonly (string | null)[];
  readonly scores: readonly (readonly number[])[];
  readonly weights: readonly number[];
}

const NAMES = ['yes', 'no', 'maybe', 'ja', '是', 'نعم', '😀'];

function labelCase(): LabelCase {
  const labels = NAMES.slice(0, 2 + draws.below(NAMES.length - 1)).sort();
  const n = 3 + draws.below(40);
  return {
    labels,
    truth: list(n, () => draws.pick(labels)),
    prediction: list(n, () => (draws.below(6) === 0 ? null : draws.pick(labels))),
    scores: list(n, () => labels.map(() => draws.below(9) / 8)),
    weights: list(n, (index) => (index === 0 ? 1 : draws.below(4))),
  };
}

/** Scored as rows are: answers are the JSON that a model would write. */
function columnsOf({ labels, truth, prediction, scores }: LabelCase): Map<string, MetricColumn> {
  const scorer = createLabelScorer(LABEL_METRICS, labels, truth.length);
  for (const [slot, wanted] of truth.entries()) {
    const told = Object.fromEntries(labels.map((label, code) => [label, scores[slot]![code]]));
    scorer.score(slot, JSON.stringify({ label: prediction[slot] ?? 'neither', scores: told }), wanted);
  }
  return new Map(scorer.columns().map((column) => [column.info.name, column]));
}

describe('labels', () => {
  it(`have scikit-learn's accuracy and averages on ${CASES} resamples, unparsed answers included`, async () => {
    const cases = list(CASES, labelCase);

    const told = await reference.ask<Record<string, number>>(
      cases.map(({ truth, prediction, weights }) => ({ op: 'weighed-classes', truth, prediction, weights })),
    );

    for (const [index, drawn] of cases.entries()) {
      const columns = columnsOf(drawn);
      for (const [name, theirs] of Object.entries(told[index]!))
        expect(weighedValue(estimatorOf(columns.get(name)!), drawn.weights), `${name} of case ${index}`).toBeCloseTo(theirs, 12);
    }
  });

  it(`have scikit-learn's AUC, one against the rest, on ${CASES} resamples`, async () => {
    const cases = list(CASES, labelCase);

    const told = await reference.ask<number | null>(
      cases.map(({ labels, truth, scores, weights }) => ({
        op: 'weighed-auc',
        truth: truth.map((label) => labels.indexOf(label)),
        scores,
        weights,
      })),
    );

    for (const [index, drawn] of cases.entries()) {
      const ours = weighedValue(estimatorOf(columnsOf(drawn).get('auc')!), drawn.weights);
      const theirs = told[index]!;
      if (theirs === null) expect(ours).toBeNaN();
      else expect(ours).toBeCloseTo(theirs, 12);
    }
  });

  it(`have its macro average of probabilities over three classes, in 500 cases`, async () => {
    const cases = list(500, () => {
      const truth = list(6 + draws.below(30), (index) => (index < 3 ? index : draws.below(3)));
      const scores = truth.map(() => {
        const parts = [1 + draws.below(5), 1 + draws.below(5), 1 + draws.below(5)];
        const sum = parts.reduce((total, part) => total + part, 0);
        return parts.map((part) => part / sum);
      });
      return { truth, scores };
    });

    const told = await reference.ask<number>(cases.map((drawn) => ({ op: 'macro-auc', ...drawn })));

    const labels = ['a', 'b', 'c'];
    for (const [index, { truth, scores }] of cases.entries()) {
      const columns = columnsOf({
        labels,
        truth: truth.map((code) => labels[code]!),
        prediction: truth.map(() => null),
        scores,
        weights: [],
      });
      expect(
        weighedValue(
          estimatorOf(columns.get('auc')!),
          truth.map(() => 1),
        ),
      ).toBeCloseTo(told[index]!, 12);
    }
  });
});

describe('the rank correlation', () => {
  it(`is scipy's, of copies as many as weights, in ${CASES} cases`, async () => {
    const cases = list(CASES, () => {
      const n = 3 + draws.below(30);
      return { a: list(n, () => draws.below(8)), b: list(n, () => draws.below(8)), weights: list(n, () => draws.below(4)) };
    });
    const copied = (values: readonly number[], weights: readonly number[]) =>
      values.flatMap((value, index) => new Array<number>(weights[index]!).fill(value));
    const defined = cases.filter(({ a, b, weights }) => [a, b].every((side) => new Set(copied(side, weights)).size > 1));

    const told = await reference.ask<number>(
      defined.map(({ a, b, weights }) => ({ op: 'spearman', a: copied(a, weights), b: copied(b, weights) })),
    );

    expect(defined.length).toBeGreaterThan(CASES * 0.9);
    for (const [index, { a, b, weights }] of defined.entries()) {
      const estimator = spearmanEstimator({ predictions: Float64Array.from(a), references: Float64Array.from(b) });
      expect(weighedValue(estimator, weights)).toBeCloseTo(told[index]!, 10);
    }
  });
});

describe('overlap', () => {
  it('has the BLEU and chrF of sacrebleu on 500 random corpora', async () => {
    const cases = list(500, () => {
      const most = 1 + draws.below(3);
      const rows = list(1 + draws.below(8), () => {
        const [answer, first] = draws.pair();
        return { answer, references: [first, ...list(most - 1, draws.text)] };
      });
      return rows;
    });
    const corpus = (rows: (typeof cases)[number]) => ({
      hypotheses: rows.map(({ answer }) => answer),
      references: rows.map((row) => row.references),
    });

    const bleu = await reference.ask<{ score: number }>(
      cases.map((rows) => ({ op: 'bleu', ...corpus(rows), tokenize: '13a', smooth: 'exp', effective: false })),
    );
    const chrf = await reference.ask<{ score: number }>(
      cases.map((rows) => ({ op: 'chrf', ...corpus(rows), wordOrder: 0, beta: 2, eps: false })),
    );

    for (const [index, rows] of cases.entries()) {
      const scorer = createOverlapScorer(OVERLAP_METRICS, rows.length);
      for (const [slot, { answer, references }] of rows.entries()) scorer.score(slot, answer, references);
      const [ours, theirs] = [scorer.columns(), [bleu[index]!.score, chrf[index]!.score]];
      for (const [at, column] of ours.entries())
        expect(
          weighedValue(
            estimatorOf(column),
            rows.map(() => 1),
          ),
          `${column.name} of case ${index}`,
        ).toBeCloseTo(theirs[at]!, 8);
    }
  });
});

describe('the standard error', () => {
  it(`of a mean is numpy's sd over the root of n, in ${CASES} cases`, async () => {
    const cases = list(CASES, () => list(3 + draws.below(40), () => draws.below(1000) / 7));

    const told = await reference.ask<{ mean: number; sd: number }>(cases.map((data) => ({ op: 'summary', data })));

    for (const [index, data] of cases.entries()) {
      const { mean, sd } = told[index]!;
      const selection = { items: Uint32Array.from(data.keys()), repeats: 1 };
      const { standardError } = spreadOf(meanEstimator(Float64Array.from(data), false), selection, mean);
      expect(standardError ?? 0).toBeCloseTo(sd / Math.sqrt(data.length), 8);
    }
  });
});
