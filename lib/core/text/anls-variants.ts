/**
 * The variants of ANLS that are in use, by name. They disagree in what is done to a text, in the length that a distance is divided by, and at
 * a similarity of exactly one half; a value without the name of its variant says little. `rrc` is the one of runs (anls.ts).
 */
import { anls } from './anls.ts';
import { levenshtein } from './levenshtein.ts';
import { codePoints, prepareText } from './normalise.ts';
import { collapseSpace } from './white-space.ts';

export const ANLS_VERSION = '1.0.0';

interface Variant {
  readonly name: string;
  readonly normalisation: string;
  readonly source: string;
  /** One prediction against all its references: 0, or from one half to 1. */
  readonly score: (prediction: string, references: readonly string[]) => number;
}

interface Rule {
  readonly normalise: (text: string) => string;
  readonly lengthOf: (raw: string, normalised: readonly number[]) => number;
  readonly keepsHalf: boolean;
}

const lowerAndCollapse = (text: string): string => collapseSpace(text.toLowerCase());
const normalisedLength: Rule['lengthOf'] = (_raw, normalised) => normalised.length;
const rawLength: Rule['lengthOf'] = (raw) => codePoints(raw.toUpperCase()).length;

function scoreBy({ normalise, lengthOf, keepsHalf }: Rule): Variant['score'] {
  return (prediction, references) => {
    const answer = codePoints(normalise(prediction));
    let best = 0;
    for (const reference of references) {
      const truth = codePoints(normalise(reference));
      const length = Math.max(lengthOf(prediction, answer), lengthOf(reference, truth));
      best = Math.max(best, length === 0 ? 1 : 1 - levenshtein(answer, truth) / length);
    }
    return best > 0.5 || (keepsHalf && best === 0.5) ? best : 0;
  };
}

const LOWER = 'white space collapsed, lower case; length of the normalised texts';

export const ANLS_VARIANTS: readonly Variant[] = [
  {
    name: 'rrc',
    normalisation: 'Unicode NFC, white space collapsed, lower case; length of the normalised texts; one half counts',
    source: 'Robust Reading Competition: "ANLS if its value is >= 0.5"; the variant of runs',
    score: (prediction, references) => anls(prepareText(prediction), references.map(prepareText)),
  },
  {
    name: 'paper_strict',
    normalisation: `${LOWER}; one half is 0`,
    source: 'Biten et al., ICCV 2019: 1 - NL where NL < 0.5',
    score: scoreBy({ normalise: lowerAndCollapse, lengthOf: normalisedLength, keepsHalf: false }),
  },
  {
    name: 'lmms_eval',
    normalisation: 'white space collapsed, lower case; length of the raw texts in upper case; one half counts',
    source: 'EvolvingLMMs-Lab/lmms-eval, lmms_eval/api/metrics.py; the same in VLMEvalKit vqa_eval',
    score: scoreBy({ normalise: lowerAndCollapse, lengthOf: rawLength, keepsHalf: true }),
  },
  {
    name: 'vlmevalkit_mmlongbench',
    normalisation: 'none; length of the raw texts in upper case; one half is 0',
    source: 'open-compass/VLMEvalKit, vlmeval/dataset/mmlongbench',
    score: scoreBy({ normalise: (text) => text, lengthOf: rawLength, keepsHalf: false }),
  },
  {
    name: 'anls_star',
    normalisation: `${LOWER}; one half counts`,
    source: 'Peer et al., 2024 (arXiv:2402.03848), of plain texts',
    score: scoreBy({ normalise: lowerAndCollapse, lengthOf: normalisedLength, keepsHalf: true }),
  },
];
