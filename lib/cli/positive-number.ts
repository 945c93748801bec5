/** An option that is a number above 0, such as `--difference 0.02`. Called by the verbs that plan how many samples are needed. */
import { BakeoffError } from '../core/errors.ts';

/** Null where it was not given; `unit`: whose the number is, for the remedy. Throws `bad-usage`. */
export function positiveNumber(given: unknown, name: string, unit: string): number | null {
  if (given === undefined) return null;
  const value = typeof given === 'string' && /^(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,3})?$/.test(given) ? Number(given) : Number.NaN;
  if (value > 0 && Number.isFinite(value)) return value;
  throw new BakeoffError({
    code: 'bad-usage',
    message: `${name} is ${JSON.stringify(given)}`,
    remedy: `Give a number above 0, in the unit of ${unit}.`,
  });
}
