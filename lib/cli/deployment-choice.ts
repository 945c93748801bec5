/** Whether a verb means a deployment or this machine, and which deployment. Loads nothing of AWS: local verbs ask it too. */
import { BakeoffError } from '../core/errors.ts';
import type { VerbIo } from './io.ts';

type Given = Readonly<Record<string, unknown>>;

/** The stack that is meant; null for this machine. A folder given with --dir means this machine, whatever BAKEOFF_STACK says. */
export function stackOf(options: Given, { settings }: Pick<VerbIo, 'settings'>): string | null {
  if (typeof options.stack === 'string') return options.stack;
  return typeof options.givenDir === 'string' ? null : settings.stack;
}

/** For verbs that only a deployment has; throws `stack-not-named`. */
export function requireStackName(options: Given, { settings }: Pick<VerbIo, 'settings'>): string {
  const name = typeof options.stack === 'string' ? options.stack : settings.stack;
  if (name !== null) return name;
  throw new BakeoffError({
    code: 'stack-not-named',
    message: 'this verb speaks to a deployment, and none is named',
    remedy: 'Give --stack NAME, or set BAKEOFF_STACK to the name of the service stack, such as bakeoff-service.',
  });
}

export function textOption(options: Given, name: string): string | null {
  const value = options[name];
  return typeof value === 'string' ? value : null;
}
