/**
 * What a check of `bakeoff doctor` answers. One file per check; list.ts names them all.
 */
import type { Machine } from '../compose/machine.ts';

export interface Finding {
  /** Kebab-case and stable. */
  readonly id: string;
  /** `missing`: runs cannot work without it. `warn`: they can, with a loss that `found` names. */
  readonly status: 'ok' | 'warn' | 'missing';
  /** What was seen. */
  readonly found: string;
  /** An imperative sentence; null when there is nothing to do. */
  readonly remedy: string | null;
}

export type Check = (machine: Machine) => Promise<Finding>;
