/** The outcome of a check as the JSON that shields.io reads from an endpoint (`schemaVersion` 1), for a README that shows it. Pure. */
import type { CheckedRule } from './check-server.ts';

export interface Badge {
  readonly schemaVersion: 1;
  readonly label: string;
  readonly message: string;
  readonly color: 'brightgreen' | 'red' | 'lightgrey';
}

/** Grey where no rule could be judged: a badge that says nothing was broken would be true of a server that nobody asked. */
export function badgeOf(rules: readonly CheckedRule[]): Badge {
  const count = (outcome: CheckedRule['outcome']): number => rules.filter((rule) => rule.outcome === outcome).length;
  const [held, broken] = [count('passed'), count('failed')];
  const head = { schemaVersion: 1, label: 'bakeoff conformance' } as const;
  if (broken > 0) return { ...head, message: `${broken} of ${held + broken} rules broken`, color: 'red' };
  if (held === 0) return { ...head, message: 'not judged', color: 'lightgrey' };
  return { ...head, message: `${held} rules hold`, color: 'brightgreen' };
}
