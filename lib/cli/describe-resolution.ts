/** What so many items can tell apart, in words, with all that is assumed. Called by print-plan.ts. */
import { countNoun } from '../core/count-noun.ts';
import type { Resolution } from '../core/resolution.ts';

export function describeResolution(resolution: Resolution): string {
  const { reason, forDifference, forPrecision } = resolution;
  return [
    reason === null ? foundText(resolution) : `no difference can be named: ${reason}`,
    ...(forDifference === null ? [] : [differenceText(forDifference)]),
    ...(forPrecision === null ? [] : [precisionText(forPrecision, resolution.items)]),
  ].join('; ');
}

function differenceText({ difference, items }: NonNullable<Resolution['forDifference']>): string {
  return `a difference of ${shown(difference)} needs ${items.map((needed) => countNoun(needed, 'item')).join(', at worst ')}`;
}

function precisionText({ halfWidth, items }: NonNullable<Resolution['forPrecision']>, there: number): string {
  const placing = `placing a job's value within ${shown(halfWidth)} to each side`;
  return items === null
    ? `${placing} cannot be planned: the metric has no finite range`
    : `${placing} needs at most ${countNoun(items, 'item')} (there are ${there})`;
}

function foundText({ unit, items, pairs, power, correctedConfidence, spreads: [likely, worst] }: Resolution): string {
  const odds = `${100 * power} % power, ${percent(correctedConfidence)} confidence${pairs === 1 ? '' : ` in each of ${pairs} pairs`}`;
  if (likely === undefined || likely.difference === null) {
    return `${countNoun(items, 'item')} are too few to find any difference between two jobs (${odds})`;
  }
  const inUnit = unit === null || unit === 'fraction' ? '' : ` ${unit}`;
  const atWorst =
    worst === undefined
      ? ''
      : `, at worst ${worst.difference === null ? 'none' : shown(worst.difference)} with ${shown(worst.sd)}, ${worst.because}`;
  return (
    `${countNoun(items, 'item')} find a difference of ${shown(likely.difference)}${inUnit} between two jobs, if paired differences have a ` +
    `standard deviation of ${shown(likely.sd)}, ${likely.because}${atWorst} (${odds})`
  );
}

function shown(value: number): string {
  return String(Number(value.toPrecision(3)));
}

function percent(share: number): string {
  return `${Number((100 * share).toFixed(3))} %`;
}
