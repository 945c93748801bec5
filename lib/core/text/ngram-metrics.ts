/** The text metrics from n-grams: BLEU and chrF, whose variants are spelled by their settings. */
import { BLEU_ORDER, BLEU_SMOOTHINGS, BLEU_VERSION, bleuScore, bleuSignature, createBleuCounter, ngramsIn } from './bleu.ts';
import { BLEU_TOKENISERS } from './bleu-tokens.ts';
import { CHRF_CHARACTER_ORDER, CHRF_VERSION, type ChrfOptions, chrfScore, chrfSignature, createChrfCounter, expandChrf } from './chrf.ts';
import type { TextMetric } from './text-metric.ts';

/** `13a`, `none` or `char`, with `:exp` (default), `:none`, `:floor` or `:add-k`. Null for another spelling. */
export function bleuMetric(variant: string): TextMetric | null {
  const [tokenName = '', smoothName = 'exp', ...rest] = variant.split(':');
  const tokeniser = BLEU_TOKENISERS.find((name) => name === tokenName);
  const smoothing = BLEU_SMOOTHINGS.find((name) => name === smoothName);
  if (tokeniser === undefined || smoothing === undefined || rest.length > 0) return null;
  const counter = createBleuCounter(tokeniser);
  const corpus = { smoothing, effectiveOrder: false };
  const sentence = { smoothing, effectiveOrder: true };
  return {
    name: 'bleu',
    variant: smoothing === 'exp' ? tokeniser : `${tokeniser}:${smoothing}`,
    version: BLEU_VERSION,
    reads: 'texts',
    normalisation: `tokenisation ${tokeniser}; case and punctuation count`,
    formula: 'corpus BLEU, 0 to 100: counts summed over rows; values of rows by effective order',
    source: 'Papineni et al., ACL 2002; Post, WMT 2018 (sacrebleu)',
    direction: 'higher',
    signatures: (references) => ({
      value: bleuSignature(references, tokeniser, corpus),
      rows: bleuSignature(references, tokeniser, sentence),
    }),
    parts: 2 + BLEU_ORDER,
    rowFields: [],
    measure: (row, parts) => {
      if (row.kind === 'text') counter.count(row.prediction, row.references, parts);
    },
    width: 2 + 2 * BLEU_ORDER,
    expand: (parts, sums, offset) => {
      for (let k = 0; k < 2 + BLEU_ORDER; k++) sums[offset + k] = (sums[offset + k] ?? 0) + (parts[k] ?? 0);
      for (let n = 1; n <= BLEU_ORDER; n++) {
        const at = offset + 1 + BLEU_ORDER + n;
        sums[at] = (sums[at] ?? 0) + ngramsIn(parts[0] ?? 0, n);
      }
    },
    value: (sums, offset) => bleuScore(sums, offset, corpus),
    rowValue: (sums, offset) => bleuScore(sums, offset, sentence),
    binary: false,
    undefinedReason: 'no rows',
  };
}

const CHRF_VARIANT = /^chrf([1-9])(\+{0,2})(:eps)?$/i;

/** `chrF2`, `chrF2+`, `chrF2++`; another digit is another beta; `:eps` smooths as the first implementations did. */
export function chrfMetric(variant: string): TextMetric | null {
  const [, beta, plus = '', smoothed] = CHRF_VARIANT.exec(variant) ?? [];
  if (beta === undefined) return null;
  const options: ChrfOptions = { beta: Number(beta), wordOrder: plus.length, epsilonSmoothing: smoothed !== undefined };
  const counter = createChrfCounter(options);
  const score = (sums: Float64Array, offset: number): number => chrfScore(sums, offset, options);
  const orders = CHRF_CHARACTER_ORDER + options.wordOrder;
  return {
    name: 'chrf',
    variant: `chrF${beta}${plus}${smoothed === undefined ? '' : ':eps'}`,
    version: CHRF_VERSION,
    reads: 'texts',
    normalisation: 'white space left out of character n-grams; case and punctuation count',
    formula: 'corpus chrF, 0 to 100: counts summed over rows, each by its best reference',
    source: 'Popovic, WMT 2015 and 2017; sacrebleu',
    direction: 'higher',
    signatures: (references) => {
      const value = chrfSignature(references, options);
      return { value, rows: value };
    },
    parts: 4 + orders,
    rowFields: [],
    measure: (row, parts) => {
      if (row.kind === 'text') counter.count(row.prediction, row.references, parts);
    },
    width: 3 * orders,
    expand: (parts, sums, offset) => expandChrf(parts, options.wordOrder, sums, offset),
    value: score,
    rowValue: score,
    binary: false,
    undefinedReason: 'no rows',
  };
}
