/**
 * The metrics of `bakeoff score text` by name and variant; the first variant of a metric is its default. Read by the verb, the tests and the
 * benchmarks.
 */
import { BakeoffError } from '../errors.ts';
import { MEAN_METRICS } from './mean-metrics.ts';
import { bleuMetric, chrfMetric } from './ngram-metrics.ts';
import { RATIO_METRICS } from './ratio-metrics.ts';
import type { TextMetric } from './text-metric.ts';

export const TEXT_METRIC_NAMES = ['wer', 'cer', 'bleu', 'chrf', 'anls', 'anls-star', 'exact', 'field-accuracy'] as const;

const SPELLED = {
  bleu: { initial: '13a', make: bleuMetric, expected: '13a, none or char, with :exp, :none, :floor or :add-k (13a:floor)' },
  chrf: { initial: 'chrF2', make: chrfMetric, expected: 'chrF2, chrF2+ or chrF2++; another digit is another beta; with :eps (chrF3:eps)' },
} as const;

const LISTED: readonly TextMetric[] = [...RATIO_METRICS, ...MEAN_METRICS];

function unknownVariant(name: string, variant: string, expected: string): BakeoffError {
  return new BakeoffError({
    code: 'unknown-variant',
    message: `${name} has no variant "${variant}"; expected ${expected}`,
    remedy: 'Leave --variant out for the first one, or name another of them.',
  });
}

/** Throws `unknown-metric` and `unknown-variant`. A hyphen may stand for an underscore. */
export function textMetric(name: string, variant?: string): TextMetric {
  if (name === 'bleu' || name === 'chrf') {
    const { initial, make, expected } = SPELLED[name];
    const made = make(variant ?? initial);
    if (made === null) throw unknownVariant(name, variant ?? '', expected);
    return made;
  }
  const known = LISTED.filter((metric) => metric.name === name);
  if (known.length === 0) {
    throw new BakeoffError({
      code: 'unknown-metric',
      message: `there is no text metric "${name}"`,
      remedy: `Name one of ${TEXT_METRIC_NAMES.join(', ')}.`,
    });
  }
  const found =
    variant === undefined
      ? known[0]
      : known.find((metric) => metric.variant === variant.replaceAll('-', '_') || metric.variant === variant);
  if (found === undefined) throw unknownVariant(name, variant ?? '', known.map((metric) => metric.variant).join(', '));
  return found;
}
