/** What so many items can tell apart, in words, with all that is assumed. Called by print-plan.ts. */
import { countNoun } from '../core/count-noun.ts';
import type { Resolution } from '../core/resolution.ts';

export function describeResolution(resolution: Resolution): string {
  const { items, reason, forDifference, forPrecision } = resolution;
  return [
    reason === null ? foundText(resolution) : `no difference can be named: ${reason}`,
    ...(forDifference === null
      ? []
      : [
          `a difference of ${shown(forDifference.difference)} needs ${forDifference.items.map((needed) => countNoun(needed, 'item')).join(', at worst ')}`,
        ]),
    ...(forPrecision === null
      ? []
      : [
          `${shown(forPrecision.halfWidth)} to each side of a job's value needs at most ${countNoun(forPrecision.items, 'item')} (there are ${items})`,
        ]),
  ].join('. ');
}

function foundText({ unit, items, pairs, power, correctedConfidence, spreads }: Resolution): string {
  const odds = `${100 * power} % power, ${percent(correctedConfidence)} confidence${pairs === 1 ? '' : ` in each of ${pairs} pairs`}`;
  const [likely, worst] = spreads.map(({ difference }) => difference);
  if (likely === null || likely === undefined)
    return `${countNoun(items, 'item')} are too few to find any difference between two jobs (${odds})`;
  const atWorst = worst === null || worst === undefined ? 'none' : shown(worst);
  return (
    `${countNoun(items, 'item')} find a difference of ${shown(likely)}${unit === null || unit === 'fraction' ? '' : ` ${unit}`} between two jobs, if ` +
    `paired differences have a standard deviation of half the range; at worst ${atWorst}, with the whole range (${odds})`
  );
}

function shown(value: number): string {
  return String(Number(value.toPrecision(3)));
}

function percent(share: number): string {
  return `${Number((100 * share).toFixed(3))} %`;
}
