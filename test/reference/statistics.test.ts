/** Bootstrap intervals, classification, AUC, Spearman and calibration against scipy, scikit-learn and numpy, on thousands of random cases. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bcaInterval } from '../../lib/core/measures/bca.ts';
import { bootstrapDistribution, clusterTable, jackknife, totalsOf } from '../../lib/core/measures/bootstrap.ts';
import { meanEstimator } from '../../lib/core/measures/estimator.ts';
import { summariseNumbers } from '../../lib/core/measures/number-summary.ts';
import { calibrationError } from '../../lib/core/numbers/calibration-error.ts';
import { rocAuc } from '../../lib/core/numbers/roc-auc.ts';
import { spearman } from '../../lib/core/numbers/spearman.ts';
import { classify } from '../../lib/core/text/classification.ts';
import { randomTexts } from './random-texts.ts';
import { type ReferenceProcess, startReference } from './reference-process.ts';

const CASES = 2000;

let reference: ReferenceProcess;
beforeAll(async () => {
  reference = await startReference();
}, 600_000);
afterAll(() => reference.stop());

const draws = randomTexts('statistics');
const uniform = (): number => draws.below(2 ** 32) / 2 ** 32;
/** Skewed, with ties, with a large common part, or plain. */
const shapes = [
  uniform,
  () => -Math.log(1 - uniform()),
  () => draws.below(5),
  () => 1e6 + uniform(),
  () => (draws.below(10) === 0 ? 50 : uniform()),
];
const list = <T>(length: number, make: () => T): T[] => Array.from({ length }, make);
const some = (): number[] => list(10 + draws.below(40), draws.pick(shapes));

describe('the bootstrap', () => {
  it(`has the BCa endpoints of scipy on the same resamples, in ${CASES} cases`, async () => {
    const cases = list(CASES, () => ({ data: some(), confidence: draws.pick([0.8, 0.9, 0.95, 0.99]) })).map(
      ({ data, confidence }, index) => {
        const estimator = meanEstimator(Float64Array.from(data), false);
        const selection = { items: Uint32Array.from(data, (_, item) => item), repeats: 1 };
        const totals = totalsOf(estimator, selection);
        const distribution = bootstrapDistribution(estimator, clusterTable(estimator, selection, data.length), 200, `case ${index}`);
        const { acceleration } = jackknife(estimator, selection, totals);
        const ours = bcaInterval(distribution, estimator.value(totals.sums, 0), acceleration, confidence);
        return { op: 'bca', data, confidence, distribution: [...distribution], ours };
      },
    );

    const told = await reference.ask<{ low: number; high: number }>(cases.map(({ ours: _, ...question }) => question));

    let compared = 0;
    for (const [index, { ours, data }] of cases.entries()) {
      const theirs = told[index]!;
      if (ours === null) continue;
      const spread = Math.max(...data) - Math.min(...data);
      expect(Math.abs(ours.low - theirs.low), JSON.stringify(cases[index])).toBeLessThanOrEqual(1e-7 * spread);
      expect(Math.abs(ours.high - theirs.high), JSON.stringify(cases[index])).toBeLessThanOrEqual(1e-7 * spread);
      compared++;
    }
    expect(compared).toBeGreaterThan(CASES * 0.99);
  });

  it("leaves mean and standard deviation as numpy's", async () => {
    const cases = list(CASES, some);

    const told = await reference.ask<{ mean: number; sd: number }>(cases.map((data) => ({ op: 'summary', data })));

    for (const [index, data] of cases.entries()) {
      const { mean, sd } = summariseNumbers(Float64Array.from(data), {});
      expect(Math.abs(mean! / told[index]!.mean - 1) || 0).toBeLessThan(1e-13);
      expect(Math.abs(sd! - told[index]!.sd)).toBeLessThanOrEqual(1e-9 * Math.max(1, told[index]!.sd));
    }
  });
});

const LABELS = ['yes', 'no', 'maybe', 'Ja', '是', 'نعم', '😀', ''];

describe('classification', () => {
  it(`has scikit-learn's counts and averages in ${CASES} cases, unparsed answers as a label of nobody's`, async () => {
    const cases = list(CASES, () => {
      const labels = LABELS.slice(0, 1 + draws.below(LABELS.length));
      return list(1 + draws.below(30), () => ({
        truth: draws.pick(labels),
        prediction: draws.below(6) === 0 ? null : draws.pick(labels),
      }));
    });
    const ours = cases.map(classify);

    const told = await reference.ask<{
      accuracy: number;
      confusion: number[][];
      classes: number[][];
      macro: number[];
      micro: number[];
      weighted: number[];
    }>(
      cases.map((answers, index) => ({
        op: 'classification',
        labels: ours[index]!.labels,
        truth: answers.map(({ truth }) => truth),
        prediction: answers.map(({ prediction }) => prediction),
      })),
    );

    for (const [index, mine] of ours.entries()) {
      const theirs = told[index]!;
      expect(mine.confusion).toEqual(theirs.confusion);
      expect(mine.accuracy).toBeCloseTo(theirs.accuracy, 12);
      const [precisions = [], recalls = [], f1s = []] = theirs.classes;
      for (const [k, { precision, recall, f1 }] of mine.classes.entries()) {
        expect([precision ?? 0, recall ?? 0, f1]).toEqual([precisions[k], recalls[k], f1s[k]].map((value) => expect.closeTo(value!, 12)));
      }
      for (const name of ['macro', 'micro', 'weighted'] as const) {
        const { precision, recall, f1 } = mine[name]!;
        expect([name, precision, recall, f1]).toEqual([name, ...theirs[name].map((value) => expect.closeTo(value, 12))]);
      }
    }
  });
});

describe('ranks', () => {
  it(`make scikit-learn's AUC in ${CASES} cases, ties included`, async () => {
    const cases = list(CASES, () => {
      const scores = some();
      const positive = scores.map((_, index) => (index === 0 ? 1 : index === 1 ? 0 : draws.below(2)));
      return { op: 'auc', scores, positive };
    });

    const told = await reference.ask<number>(cases);

    for (const [index, { scores, positive }] of cases.entries()) expect(rocAuc(scores, positive)).toBeCloseTo(told[index]!, 12);
  });

  it(`make scipy's Spearman correlation in ${CASES} cases, ties included`, async () => {
    const cases = list(CASES, () => {
      const a = some();
      return { op: 'spearman', a, b: a.map((value) => (draws.below(2) === 0 ? value : draws.pick(shapes)())) };
    });
    const ours = cases.map(({ a, b }) => spearman(a, b));

    const told = await reference.ask<number>(cases);

    for (const [index, value] of ours.entries()) expect(value ?? Number.NaN).toBeCloseTo(told[index]!, 10);
  });
});

describe('the calibration error', () => {
  it(`is what numpy counts in equal bins, in ${CASES} cases, edges included`, async () => {
    const cases = list(CASES, () => {
      // Products of 25ths and 29ths with their number round up: an edge must not slip into the bin above it.
      const bins = draws.pick([5, 10, 15, 25, 29]);
      const edge = (): number => Math.min(1, (draws.below(bins + 1) / bins) * draws.pick([1, 1, 1 + Number.EPSILON]));
      const confidences = list(1 + draws.below(60), () => (draws.below(2) === 0 ? edge() : uniform()));
      return { op: 'calibration', bins, confidences, right: confidences.map((confidence) => (uniform() < confidence ? 1 : 0)) };
    });

    const told = await reference.ask<number>(cases);

    for (const [index, { confidences, right, bins }] of cases.entries())
      expect(calibrationError(confidences, right, bins).value).toBeCloseTo(told[index]!, 12);
  });
});
