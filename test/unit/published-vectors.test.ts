/** Every vector of text metrics and every figure of MLPerf's early stopping that lies beside the clone, to its last published digit. */
import { expect, it } from 'vitest';
import { certifiedPercentile, empiricalPercentile, minimumSamples, requiredWithinBound } from '../../lib/core/measures/percentile.ts';
import { requiredForMargin } from '../../lib/core/measures/sample-size.ts';
import { treeOf } from '../../lib/core/text/json-tree.ts';
import type { TextMetric, TextRow } from '../../lib/core/text/text-metric.ts';
import { textMetric } from '../../lib/core/text/text-metrics.ts';
import { describePublished } from './published-data.ts';

function score(metric: TextMetric, rows: readonly TextRow[], ofRow = false): number {
  const sums = new Float64Array(metric.width);
  const parts = new Float64Array(metric.parts);
  for (const row of rows) {
    metric.measure(row, parts);
    metric.expand(parts, sums, 0);
  }
  return ofRow ? metric.rowValue(sums, 0) : metric.value(sums, 0);
}

const text = (prediction: string, ...references: string[]): TextRow => ({ kind: 'text', prediction, references });

/** Within the last digit that the value was published with; some were cut, not rounded. */
function expectPublished(value: number, published: number): void {
  const digits = String(published).split('.')[1]?.length ?? 0;
  const slack = digits >= 12 ? 1e-14 : 10 ** -digits;
  expect(Math.abs(value - published), `${value}, published ${published}`).toBeLessThanOrEqual(
    published === 0 || published === 1 ? 1e-14 : slack,
  );
}

describePublished('text-metric-vectors.json', (file) => {
  const vectors = JSON.parse(file);

  it.each(['jiwer', 'nfc'])('of WER and CER (%s)', (variant) => {
    const { cases, corpus_cases } = vectors.wer_cer;
    for (const { ref, hyp, wer, cer } of cases) {
      expectPublished(score(textMetric('wer', variant), [text(hyp, ref)]), wer);
      if (cer !== null) expectPublished(score(textMetric('cer', variant), [text(hyp, ref)]), cer);
    }
    for (const { refs, hyps, cer } of corpus_cases) {
      const rows = refs.map((ref: string, index: number) => text(hyps[index], ref));
      expectPublished(score(textMetric('cer', variant), rows), cer);
    }
    expect(cases.length + corpus_cases.length).toBeGreaterThan(5);
  });

  it.each(['paper_strict', 'lmms_eval', 'vlmevalkit_mmlongbench', 'anls_star'])('of ANLS, variant %s', (variant) => {
    for (const one of vectors.anls.cases) expectPublished(score(textMetric('anls', variant), [text(one.pred, ...one.gts)]), one[variant]);
    expect(vectors.anls.cases.length).toBeGreaterThan(5);
  });

  it('of ANLS by the Robust Reading Competition', () => {
    const { gts, cases } = vectors.anls.rrc_published;
    for (const { pred, score_2dp } of cases)
      for (const variant of ['rrc', 'anls_star'])
        expect(score(textMetric('anls', variant), [text(pred, ...gts)])).toBeCloseTo(score_2dp, 2);
  });

  it('of ANLS*, plain and structured', () => {
    const tree = (pred: unknown, gts: readonly unknown[]): TextRow => ({
      kind: 'tree',
      prediction: treeOf(pred, false),
      references: gts.map((gt) => treeOf(gt, true)),
    });
    const metric = textMetric('anls-star');
    for (const { pred, gts, anls_star } of vectors.anls.cases) expectPublished(score(metric, [tree(pred, gts)]), anls_star);
    for (const one of vectors.anls.anls_star_structured_published) expectPublished(score(metric, [tree(one.pred, [one.gt])]), one.score);
  });

  it('of corpus BLEU', () => {
    const { hyps, refs, score_default_13a_exp, tokenize_none, empty_hyps } = vectors.bleu.corpus;
    const rows = hyps.map((hyp: string, index: number) => text(hyp, ...refs.map((stream: string[]) => stream[index])));
    expectPublished(score(textMetric('bleu'), rows), score_default_13a_exp);
    expectPublished(score(textMetric('bleu', 'none'), rows), tokenize_none);
    const empty = rows.map((row: TextRow) => ({ ...row, prediction: '' }));
    expectPublished(score(textMetric('bleu'), empty), empty_hyps);
  });

  it.each([
    ['exp_13a', '13a'],
    ['none_13a', '13a:none'],
    ['floor0.1_13a', '13a:floor'],
    ['add-k1_13a', '13a:add-k'],
    ['exp_tok_none', 'none'],
    ['exp_tok_char', 'char'],
  ])('of sentence BLEU, %s', (name, variant) => {
    const { hyp, ref, [name]: published } = vectors.bleu.sentence_effective_order;
    const value = score(textMetric('bleu', variant), [text(hyp, ref)], true);
    expectPublished(value, published);
  });

  it('of chrF', () => {
    for (const [hyps, refs, published] of vectors.chrf.eps_smoothing_true) {
      const rows = hyps.map((hyp: string, index: number) => text(hyp, refs[index]));
      expectPublished(score(textMetric('chrf', 'chrF3:eps'), rows), published);
    }
  });
});

describePublished('mlperf-rules.json', (file) => {
  const mlperf = JSON.parse(file);

  it("of MLPerf's early stopping", () => {
    const { published_min_samples, published_anchor } = mlperf.early_stopping;
    for (const [percent, minimum] of Object.entries(published_min_samples)) {
      const perMyriad = Math.round(Number(percent) * 100);
      expect([percent, minimumSamples(perMyriad)]).toEqual([percent, minimum]);
    }
    expect(requiredWithinBound(9900, 0)).toBe(published_anchor['h_min(t=0,p=.99)']);
    expect(requiredWithinBound(9000, 0)).toBe(published_anchor['h_min(t=0,p=.90)']);
    expect(requiredWithinBound(9900, 1)).toBe(published_anchor['h_min(t=1,p=.99)']);
    const numbers = Float64Array.from({ length: 10_000 }, (_, index) => index);
    expect(`t=${10_000 - (certifiedPercentile(numbers, 9900) ?? Number.NaN)}`).toBe(published_anchor['n=10000,p99']);
    expect(empiricalPercentile(numbers, 9900)).toBe(9900);
  });

  it("of MLPerf's table of sample counts for a margin", () => {
    for (const { p, margin_pct, inferences } of mlperf.fixed_sample_table)
      expect(requiredForMargin(p / 100, margin_pct / 100, 0.99)).toBe(inferences);
  });
});
