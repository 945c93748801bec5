/** `bakeoff plan --class NAME`: hours and dollars on a class of the default fleet, or on an instance type of the price sheet. */
import { BakeoffError } from '../core/errors.ts';
import { DEFAULT_FLEET, type FleetClass } from '../core/fleet.ts';
import { type CostForecast, forecastCost } from '../core/forecast-cost.ts';
import { INSTANCE_TYPES } from '../core/instance-catalogue.ts';
import { nearestName } from '../core/nearest-name.ts';
import { placePackage } from '../core/place-package.ts';
import type { Registry } from '../core/registry.ts';
import type { Spec } from '../core/spec.ts';

export interface ClassForecast extends CostForecast {
  /** Models that do not fit on the class, each with what it lacks. */
  readonly unfit: readonly { readonly model: string; readonly reason: string }[];
}

interface ExpectedTime {
  readonly seconds: number | null;
  readonly reason: string | null;
}

/** One forecast for a class; two, On-Demand and Spot, for an instance type. Throws `unknown-class`. */
export function classForecasts(name: string, spec: Spec, registry: Registry, expected: ExpectedTime): ClassForecast[] {
  return classesOf(name).map((fleetClass) => ({
    ...forecastCost(expected, fleetClass),
    unfit: [...new Set(spec.models.map(({ model }) => model))].flatMap((model) => {
      const requirements = registry.models.get(model)?.manifest.requirements;
      const placed = requirements === undefined ? null : placePackage(requirements, { class: fleetClass.name }, [fleetClass]);
      return placed?.kind === 'unfit' ? [{ model, reason: placed.message }] : [];
    }),
  }));
}

function classesOf(name: string): FleetClass[] {
  const known = DEFAULT_FLEET.find((fleetClass) => fleetClass.name === name);
  if (known !== undefined) return [known];
  if (INSTANCE_TYPES.has(name)) {
    return (['on-demand', 'spot'] as const).map((market) => ({ name, instanceType: name, market, maxInstances: 2, rootVolumeGiB: 100 }));
  }
  const names = [...DEFAULT_FLEET.map((fleetClass) => fleetClass.name), ...INSTANCE_TYPES.keys()];
  const nearest = nearestName(name, names);
  throw new BakeoffError({
    code: 'unknown-class',
    message: `"${name}" is neither a class of the default fleet nor an instance type of the price sheet`,
    remedy: nearest === null ? `Name one of ${names.slice(0, 8).join(', ')} …` : `Did you mean ${nearest}?`,
  });
}

/** One paragraph for each class: label and text. */
export function describeClasses(forecasts: readonly ClassForecast[]): [label: string, text: string][] {
  return forecasts.map((one) => [
    'class',
    [headline(one), ...one.unfit.map(({ model, reason }) => `${model} does not fit: ${reason}`)].join('. '),
  ]);
}

function headline({ className, instanceType, market, price, task, billed }: ClassForecast): string {
  const which = `${className}${className === instanceType ? '' : ` (${instanceType})`}, ${market === 'spot' ? 'Spot' : 'On-Demand'}`;
  if (price.usdPerHour === null) return `${which}: no dollars, since ${price.reason}`;
  const rate = `${which} at $${price.usdPerHour} an hour (price sheet of ${price.priceDate}${price.verified ? '' : ', not verified'})`;
  if (task.usd === null || task.seconds === null || billed.usd === null) return `${rate}: no dollars, since the time is unknown`;
  return (
    `${rate}: ${(task.seconds / 3600).toFixed(2)} h, about $${dollars(task.usd)} for the tasks and $${dollars(billed.usd)} billed with ` +
    'idle time, if they take as long there as here'
  );
}

/** Two digits, or more where the amount is small. */
function dollars(usd: number): string {
  return usd >= 0.1 ? usd.toFixed(2) : usd.toPrecision(2);
}
