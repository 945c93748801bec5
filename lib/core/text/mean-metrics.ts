/** The text metrics that are means over rows: exact match, ANLS in its variants, ANLS*. */
import { ANLS_VARIANTS, ANLS_VERSION } from './anls-variants.ts';
import { ANLS_STAR_VERSION, anlsStar } from './anls-star.ts';
import { normaliseText } from './normalise.ts';
import type { TextMetric, TextRow } from './text-metric.ts';

type MeanMetric = Pick<TextMetric, 'name' | 'variant' | 'version' | 'reads' | 'normalisation' | 'source' | 'binary'> & {
  readonly score: (row: TextRow) => number;
};

function meanMetric({ score, ...info }: MeanMetric): TextMetric {
  const mean = (sums: Float64Array, offset: number): number => (sums[offset] ?? 0) / (sums[offset + 1] ?? 0);
  return {
    ...info,
    formula: 'mean over rows of the best reference',
    direction: 'higher',
    signatures: () => null,
    parts: 1,
    rowFields: [],
    measure: (row, parts) => {
      parts[0] = score(row);
    },
    width: 2,
    expand: (parts, sums, offset) => {
      sums[offset] = (sums[offset] ?? 0) + (parts[0] ?? 0);
      sums[offset + 1] = (sums[offset + 1] ?? 0) + 1;
    },
    value: mean,
    rowValue: mean,
    undefinedReason: 'no rows',
  };
}

function ofTexts(score: (prediction: string, references: readonly string[]) => number): MeanMetric['score'] {
  return (row) => (row.kind === 'text' ? score(row.prediction, row.references) : Number.NaN);
}

const EXACT_VARIANTS = [
  { name: 'nfc', normalisation: 'Unicode NFC, ends trimmed, white space one blank; case and punctuation count', of: normaliseText },
  { name: 'raw', normalisation: 'none', of: (text: string) => text },
  {
    name: 'caseless',
    normalisation: 'Unicode NFC, ends trimmed, white space one blank, lower case; punctuation counts',
    of: (text: string) => normaliseText(text).toLowerCase(),
  },
] as const;

const exactMetrics = EXACT_VARIANTS.map(({ name, normalisation, of }) =>
  meanMetric({
    name: 'exact',
    variant: name,
    version: '1.0.0',
    reads: 'texts',
    normalisation,
    source: '1 when the normalised texts are equal, else 0',
    binary: true,
    score: ofTexts((prediction, references) => {
      const answer = of(prediction);
      return references.some((reference) => of(reference) === answer) ? 1 : 0;
    }),
  }),
);

const anlsMetrics = ANLS_VARIANTS.map(({ name, normalisation, source, score }) =>
  meanMetric({
    name: 'anls',
    variant: name,
    version: ANLS_VERSION,
    reads: 'texts',
    normalisation,
    source,
    binary: false,
    score: ofTexts(score),
  }),
);

const anlsStarMetric = meanMetric({
  name: 'anls-star',
  variant: 'anls_star',
  version: ANLS_STAR_VERSION,
  reads: 'values',
  normalisation: 'of each leaf: white space collapsed, lower case; numbers as Python prints them; a similarity below one half is 0',
  source: 'Peer et al., 2024, arXiv:2402.03848',
  binary: false,
  score: (row) => (row.kind === 'tree' ? anlsStar(row.prediction, row.references) : Number.NaN),
});

export const MEAN_METRICS: readonly TextMetric[] = [...exactMetrics, ...anlsMetrics, anlsStarMetric];
