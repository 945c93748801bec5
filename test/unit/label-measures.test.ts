/** Scorer `labels`: how answers are read, what counts, and that its estimators are the definitions of classification, AUC and calibration. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isAnswerColumn, pickAnswers, withSharedLabels } from '../../lib/core/answer-column.ts';
import { LABEL_METRICS } from '../../lib/core/builtin-metrics.ts';
import { estimatorOf, hasGaps, imputeColumn, type MetricColumn } from '../../lib/core/columns.ts';
import { NO_INTERVAL } from '../../lib/core/labels/calibration-estimator.ts';
import { confusionOf, MAX_CONFUSION_LABELS } from '../../lib/core/labels/confusion.ts';
import { readLabelAnswer } from '../../lib/core/labels/label-answer.ts';
import { createLabelScorer } from '../../lib/core/labels/label-scorer.ts';
import { estimate } from '../../lib/core/measures/estimate.ts';
import { createRandomStream } from '../../lib/core/measures/random.ts';
import { calibrationError } from '../../lib/core/numbers/calibration-error.ts';
import { rocAuc } from '../../lib/core/numbers/roc-auc.ts';
import { classify } from '../../lib/core/text/classification.ts';

const LABELS = ['bird', 'cat', 'dog'] as const;
type Label = (typeof LABELS)[number];
/** `null`: nothing came back; a text outside the labels is unparsed. */
interface Row {
  readonly truth: Label;
  readonly answer: string | null;
  readonly failed?: boolean;
}

function columnsOf(rows: readonly Row[], labels: readonly string[] = LABELS): Map<string, MetricColumn> {
  const scorer = createLabelScorer(LABEL_METRICS, labels, rows.length);
  for (const [slot, { truth, answer, failed }] of rows.entries()) {
    if (failed === true) scorer.noteReference(slot, truth);
    else scorer.score(slot, answer, truth);
  }
  return new Map(scorer.columns().map((column) => [column.name.replace('labels.', ''), column]));
}

const everyItem = (rows: readonly unknown[], repeats = 1) => ({
  items: Uint32Array.from({ length: rows.length / repeats }, (_, item) => item),
  repeats,
});

function scoreOf(rows: readonly Row[], metric: string): number | null {
  return estimate(estimatorOf(columnsOf(rows).get(metric)!), everyItem(rows), { confidence: 0.95, label: metric }).value;
}

const AVERAGES = ['macro-f1', 'macro-precision', 'macro-recall', 'weighted-f1'] as const;
const SHARES = ['accuracy', ...AVERAGES];

const truths = fc.constantFrom(...LABELS);
const answers = fc.oneof({ weight: 5, arbitrary: truths }, { weight: 1, arbitrary: fc.constantFrom(null, 'fish', '') });
const rowsOf = fc.array(fc.record({ truth: truths, answer: answers }), { minLength: 1, maxLength: 30 });

describe('an answer', () => {
  it.each([
    ['Dog', 'dog'],
    ['  big \n dog ', 'big dog'],
    ['Å', 'å'],
    ['{"label": " DOG "}', 'dog'],
    ['```json\n{"label": "dog"}\n```', 'dog'],
    ['Here it is:\n```\n{"label": "dog"}\n```', 'dog'],
    ['{"lable": "dog"}', null],
    ['{"label": 3}', null],
    ['["dog"]', '["dog"]'],
    ['dog.', 'dog.'],
  ])('%j is read as %j', (text, label) => {
    expect(readLabelAnswer(text).label).toBe(label);
  });

  it('tells its confidence only between 0 and 1', () => {
    const told = [0, 0.4, 1, -0.1, 1.1, '0.4', null].map(
      (confidence) => readLabelAnswer(JSON.stringify({ label: 'a', confidence })).confidence,
    );

    expect(told).toEqual([0, 0.4, 1, Number.NaN, Number.NaN, Number.NaN, Number.NaN]);
  });

  it('that is none of the labels is unparsed: wrong, and in every denominator of its truth', () => {
    const rows: Row[] = [
      { truth: 'cat', answer: 'cat' },
      { truth: 'cat', answer: 'a cat' },
      { truth: 'dog', answer: null },
      { truth: 'dog', answer: 'dog' },
    ];

    expect(scoreOf(rows, 'accuracy')).toBe(0.5);
    expect(scoreOf(rows, 'macro-recall')).toBe(0.5);
    expect(scoreOf(rows, 'macro-precision')).toBe(1);
    expect(confusionOf([...columnsOf(rows).values()])?.matrix).toEqual([
      [0, 0, 0, 0],
      [0, 1, 0, 1],
      [0, 0, 1, 1],
    ]);
  });
});

describe('the averages over classes', () => {
  it('are those of classify()', () => {
    fc.assert(
      fc.property(rowsOf, (rows) => {
        const known = (answer: string | null): string | null => (LABELS.includes(answer as Label) ? answer : null);
        const { accuracy, macro, weighted } = classify(rows.map(({ truth, answer }) => ({ truth, prediction: known(answer) })));

        expect(scoreOf(rows, 'accuracy')).toBeCloseTo(accuracy!, 12);
        expect(scoreOf(rows, 'macro-f1')).toBeCloseTo(macro!.f1, 12);
        expect(scoreOf(rows, 'macro-precision')).toBeCloseTo(macro!.precision, 12);
        expect(scoreOf(rows, 'macro-recall')).toBeCloseTo(macro!.recall, 12);
        expect(scoreOf(rows, 'weighted-f1')).toBeCloseTo(weighted!.f1, 12);
      }),
    );
  });

  it('do not depend on what the labels are called', () => {
    const renamed: Record<string, Label> = { bird: 'dog', cat: 'bird', dog: 'cat' };
    fc.assert(
      fc.property(rowsOf, fc.constantFrom(...SHARES), (rows, metric) => {
        const others = rows.map(({ truth, answer }) => ({
          truth: renamed[truth]!,
          answer: answer === null ? null : (renamed[answer] ?? answer),
        }));

        expect(scoreOf(others, metric)).toBeCloseTo(scoreOf(rows, metric)!, 12);
      }),
    );
  });

  it('lie in 0..1, and no wrong answer that is set right lowers one', () => {
    fc.assert(
      fc.property(rowsOf, fc.nat(), fc.constantFrom(...SHARES), (rows, pick, metric) => {
        const at = pick % rows.length;
        const better = rows.with(at, { ...rows[at]!, answer: rows[at]!.truth });

        const [before, after] = [scoreOf(rows, metric)!, scoreOf(better, metric)!];
        expect(before).toBeGreaterThanOrEqual(0);
        expect(after).toBeLessThanOrEqual(1 + 1e-12);
        expect(after).toBeGreaterThanOrEqual(before - 1e-12);
      }),
      { numRuns: 300 },
    );
  });

  it('lie within the bounds of imputation, whatever the missing answers would have been', () => {
    fc.assert(
      fc.property(rowsOf, fc.array(answers, { minLength: 3, maxLength: 3 }), fc.constantFrom(...AVERAGES), (rows, given, metric) => {
        const [some, rest] = [rows.slice(0, 3), rows.slice(3)];
        const truth = [...some.map((row, index) => ({ ...row, answer: given[index]! })), ...rest];
        const column = columnsOf([...some.map((row) => ({ ...row, failed: true })), ...rest]).get(metric)!;
        const of = (imputed: MetricColumn): number =>
          estimate(estimatorOf(imputed), everyItem(rows), { confidence: 0.95, label: metric }).value!;

        expect(hasGaps(column)).toBe(true);
        expect(of(imputeColumn(column, 'worst')!)).toBeLessThanOrEqual(scoreOf(truth, metric)! + 1e-12);
        expect(of(imputeColumn(column, 'best')!)).toBeGreaterThanOrEqual(scoreOf(truth, metric)! - 1e-12);
      }),
      { numRuns: 300 },
    );
  });
});

const share = fc.integer({ min: 0, max: 20 }).map((part) => part / 20);
const certainRows = fc.array(
  fc.record({ truth: truths, label: fc.oneof(truths, fc.constant('fish')), confidence: share, scores: fc.tuple(share, share, share) }),
  {
    minLength: 2,
    maxLength: 30,
  },
);
const told = (rows: readonly { truth: Label; label: string; confidence: number; scores: readonly number[] }[]): Row[] =>
  rows.map(({ truth, label, confidence, scores }) => ({
    truth,
    answer: JSON.stringify({ label, confidence, scores: Object.fromEntries(LABELS.map((name, at) => [name.toUpperCase(), scores[at]])) }),
  }));

describe('scores and confidences', () => {
  it('make the mean of the AUC of each class that has both sides', () => {
    fc.assert(
      fc.property(certainRows, (rows) => {
        const areas = LABELS.flatMap(
          (label, at) =>
            rocAuc(
              rows.map(({ scores }) => scores[at]!),
              rows.map(({ truth }) => (truth === label ? 1 : 0)),
            ) ?? [],
        );

        const value = scoreOf(told(rows), 'auc');

        if (areas.length === 0) expect(value).toBeNull();
        else expect(value).toBeCloseTo(areas.reduce((sum, area) => sum + area, 0) / areas.length, 12);
      }),
    );
  });

  it('make no interval of the calibration error: chance raises it, and resampling raises it once more', () => {
    const shown = [100, 400].map((n) => {
      const fill = createRandomStream(`calibrated/${n}`).fill;
      const draws = new Uint32Array(2 * n);
      let sum = 0;
      for (let set = 0; set < 100; set++) {
        fill(draws);
        // The true calibration error is 0: an answer is right as often as its confidence says.
        const rows = Array.from({ length: n }, (_, at): Row => {
          const confidence = 0.3 + (0.6 * (draws[2 * at] ?? 0)) / 2 ** 32;
          const label = (draws[2 * at + 1] ?? 0) / 2 ** 32 < confidence ? 'cat' : 'dog';
          return { truth: 'cat', answer: JSON.stringify({ label, confidence }) };
        });
        const measured = estimate(estimatorOf(columnsOf(rows).get('calibration-error')!), everyItem(rows), {
          confidence: 0.95,
          label: 'x',
        });
        expect(measured).toMatchObject({ interval: null, intervalReason: NO_INTERVAL });
        sum += measured.value!;
      }
      return sum / 100;
    });

    // docs/measures.md has these figures.
    expect(shown[0]).toBeCloseTo(0.12, 2);
    expect(shown[1]).toBeCloseTo(0.06, 2);
  });

  it('make the calibration error of calibrationError(), unparsed answers as wrong ones', () => {
    fc.assert(
      fc.property(certainRows, (rows) => {
        const { value, definition } = calibrationError(
          rows.map(({ confidence }) => confidence),
          rows.map(({ truth, label }) => (truth === label ? 1 : 0)),
        );

        expect(columnsOf(told(rows)).get('calibration-error')!.kind).toBe(definition);
        expect(scoreOf(told(rows), 'calibration-error')).toBeCloseTo(value!, 12);
      }),
    );
  });

  it('that are absent leave both without a value, and say so', () => {
    const columns = columnsOf([{ truth: 'cat', answer: 'cat' }]);

    for (const metric of ['auc', 'calibration-error']) expect(scoreOf([{ truth: 'cat', answer: 'cat' }], metric)).toBeNull();
    expect(columns.get('auc')!.absence?.(0)).toBe('no answer told scores of all labels');
    expect(columns.get('calibration-error')!.absence?.(0)).toBe('no answer told its confidence');
  });

  it('of one class alone have no AUC, with that reason', () => {
    const rows = told([{ truth: 'cat', label: 'cat', confidence: 1, scores: [0, 1, 0] }]);

    expect(scoreOf(rows, 'auc')).toBeNull();
    expect(columnsOf(rows).get('auc')!.absence?.(1)).toContain('one label');
  });

  it('of some labels only are no scores', () => {
    const rows: Row[] = [{ truth: 'cat', answer: '{"label": "cat", "scores": {"cat": 1, "dog": 0}}' }];

    expect(estimate(estimatorOf(columnsOf(rows).get('auc')!), everyItem(rows), { confidence: 0.95, label: 'auc' }).samples).toBe(0);
  });
});

describe('the confusion matrix', () => {
  it('adds up to the answered samples, and is left out beyond what anyone reads', () => {
    const rows: Row[] = [
      { truth: 'cat', answer: 'dog' },
      { truth: 'cat', answer: null },
      { truth: 'dog', answer: null, failed: true },
    ];
    const many = Array.from({ length: MAX_CONFUSION_LABELS + 1 }, (_, index) => `label ${index}`);

    expect(
      confusionOf([...columnsOf(rows).values()])
        ?.matrix?.flat()
        .reduce((sum, count) => sum + count, 0),
    ).toBe(2);
    expect(confusionOf([...columnsOf([], many).values()])).toMatchObject({ matrix: null, reason: '101 labels; at most 100 are shown' });
  });
});

describe('an interval of a class average', () => {
  it('resamples items with all their repeats', () => {
    const rows: Row[] = Array.from({ length: 40 }, (_, index) => ({
      truth: LABELS[index % 3]!,
      answer: LABELS[(index * 7) % 4 === 0 ? (index + 1) % 3 : index % 3]!,
    }));
    const doubled = rows.flatMap((row) => [row, row]);
    const of = (list: readonly Row[], repeats: number) =>
      estimate(estimatorOf(columnsOf(list).get('macro-f1')!), everyItem(list, repeats), { confidence: 0.95, label: 'labels.macro-f1' });

    const [once, twice] = [of(rows, 1), of(doubled, 2)];

    expect(once.interval?.method).toBe('bca-bootstrap');
    expect(twice).toMatchObject({ value: expect.closeTo(once.value!, 12), samples: 80, clusters: 40 });
    expect(twice.interval!.low).toBeCloseTo(once.interval!.low, 12);
    expect(twice.interval!.high).toBeCloseTo(once.interval!.high, 12);
  });
});

describe('the answers of two runs', () => {
  it('are compared over the labels that both know, so that equal answers are equal', () => {
    // One run has a third item with a truth of its own: to the other one its label is none.
    const scores = { cat: 0.5, dog: 0.3, bird: 0.2 };
    const rows: Row[] = [
      { truth: 'cat', answer: JSON.stringify({ label: 'cat', scores }) },
      { truth: 'dog', answer: JSON.stringify({ label: 'bird', scores }) },
    ];
    const [small, large] = [columnsOf(rows, ['cat', 'dog']), columnsOf([...rows, { truth: 'bird', answer: 'bird' }])];
    const two = Uint32Array.of(0, 1);

    for (const name of [...AVERAGES, 'auc']) {
      const [a, b] = [small.get(name)!, large.get(name)!];
      if (!isAnswerColumn(a) || !isAnswerColumn(b)) throw new Error('no column of answers');
      const measuredOn = (column: MetricColumn) => estimate(estimatorOf(column), everyItem(rows), { confidence: 0.95, label: name }).value;
      const [before, after] = [pickAnswers(b, two), withSharedLabels(pickAnswers(a, two), pickAnswers(b, two))];
      if (name === 'macro-f1') expect(measuredOn(before)).not.toBe(measuredOn(a));
      expect(measuredOn(after[0]), name).toBe(measuredOn(a));
      expect(measuredOn(after[1]), name).toBe(measuredOn(a));
    }
  });
});
