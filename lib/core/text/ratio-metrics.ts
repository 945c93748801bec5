/** The text metrics that are corpus ratios: WER, CER, field accuracy. All numerators over all denominators, never a mean of rates. */
import { characterErrors, type ErrorCount, wordErrors } from './error-rate.ts';
import { countFields, FIELD_ACCURACY_VERSION } from './field-accuracy.ts';
import { codePoints, type PreparedText, prepareText } from './normalise.ts';
import type { TextMetric } from './text-metric.ts';
import { shortenSpace, stripSpace } from './white-space.ts';

const ERROR_RATE_VERSION = '1.0.0';

function ratioMetric(info: Omit<TextMetric, 'signatures' | 'parts' | 'width' | 'expand' | 'value' | 'rowValue' | 'binary'>): TextMetric {
  const ratio = (sums: Float64Array, offset: number): number => {
    const denominator = sums[offset + 1] ?? 0;
    return denominator > 0 ? (sums[offset] ?? 0) / denominator : Number.NaN;
  };
  return {
    ...info,
    signatures: () => null,
    parts: 2,
    width: 2,
    expand: (parts, sums, offset) => {
      sums[offset] = (sums[offset] ?? 0) + (parts[0] ?? 0);
      sums[offset + 1] = (sums[offset + 1] ?? 0) + (parts[1] ?? 0);
    },
    value: ratio,
    rowValue: ratio,
    binary: false,
  };
}

/** As jiwer's defaults: ends stripped; between words, runs of two or more become one blank; words are what blanks separate. */
const jiwerPrepare = {
  words: (raw: string): PreparedText => {
    const text = stripSpace(shortenSpace(raw));
    return { text, symbols: [], words: text.split(' ').filter((word) => word !== '') };
  },
  characters: (raw: string): PreparedText => {
    const text = stripSpace(raw);
    return { text, symbols: codePoints(text), words: [] };
  },
};

interface ErrorRate {
  readonly name: 'wer' | 'cer';
  readonly variant: string;
  readonly normalisation: string;
  readonly prepare: (raw: string) => PreparedText;
  readonly count: (answer: PreparedText, reference: PreparedText) => ErrorCount;
}

function isLower(a: ErrorCount, b: ErrorCount): boolean {
  return a.errors * b.referenceLength < b.errors * a.referenceLength;
}

function errorRate({ name, variant, normalisation, prepare, count }: ErrorRate): TextMetric {
  const unit = name === 'wer' ? 'words' : 'characters';
  return ratioMetric({
    name,
    variant,
    version: ERROR_RATE_VERSION,
    reads: 'texts',
    normalisation,
    formula: `all edits / all reference ${unit}; of several references the one with the lowest rate`,
    source: 'Levenshtein distance; corpus ratio as jiwer reports it',
    direction: 'lower',
    rowFields: ['errors', 'referenceLength'],
    measure: (row, parts) => {
      if (row.kind !== 'text') return;
      const answer = prepare(row.prediction);
      let best: ErrorCount | null = null;
      for (const reference of row.references) {
        const counted = count(answer, prepare(reference));
        if (best === null || isLower(counted, best)) best = counted;
      }
      parts[0] = best?.errors ?? 0;
      parts[1] = best?.referenceLength ?? 0;
    },
    undefinedReason: `the references hold no ${unit}`,
  });
}

const NFC = 'Unicode NFC, ends trimmed, white space one blank; case and punctuation count (as in runs)';

const fieldAccuracy = ratioMetric({
  name: 'field-accuracy',
  variant: 'leaves',
  version: FIELD_ACCURACY_VERSION,
  reads: 'values',
  normalisation: 'texts: Unicode NFC, ends trimmed, white space one blank; numbers by value; lists by position',
  formula: 'fields of the references with an equal value in the prediction / all fields of the references',
  source: 'a field is a leaf of the reference, by its path; of several references the one with the highest share',
  direction: 'higher',
  rowFields: ['right', 'fields'],
  measure: (row, parts) => {
    if (row.kind !== 'tree') return;
    let best = -1;
    for (const reference of row.references) {
      const { right, wrong, missing } = countFields(row.prediction, reference);
      const fields = right + wrong + missing;
      if (right / fields <= best) continue;
      best = right / fields;
      parts[0] = right;
      parts[1] = fields;
    }
  },
  undefinedReason: 'the references hold no fields',
});

export const RATIO_METRICS: readonly TextMetric[] = [
  errorRate({
    name: 'wer',
    variant: 'jiwer',
    normalisation: 'ends stripped, runs of white space one blank, words between blanks; case and punctuation count',
    prepare: jiwerPrepare.words,
    count: wordErrors,
  }),
  errorRate({ name: 'wer', variant: 'nfc', normalisation: NFC, prepare: prepareText, count: wordErrors }),
  errorRate({
    name: 'cer',
    variant: 'jiwer',
    normalisation: 'ends stripped; every other character counts, blanks too; case and punctuation count',
    prepare: jiwerPrepare.characters,
    count: characterErrors,
  }),
  errorRate({ name: 'cer', variant: 'nfc', normalisation: NFC, prepare: prepareText, count: characterErrors }),
  fieldAccuracy,
];
