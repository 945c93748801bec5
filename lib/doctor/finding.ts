/**
 * What a check of `bakeoff doctor` answers. One file per check; list.ts names them all.
 */
import type { Cloud } from '../compose/cloud.ts';
import type { Machine } from '../compose/machine.ts';

export interface Finding {
  /** Kebab-case and stable. */
  readonly id: string;
  /** `missing`: runs cannot work without it. `warn`: they can, with a loss that `found` names. `skipped`: not checked, `found` says why. */
  readonly status: 'ok' | 'warn' | 'missing' | 'skipped';
  /** What was seen. */
  readonly found: string;
  /** An imperative sentence; null when there is nothing to do. */
  readonly remedy: string | null;
}

export type Check = (machine: Machine) => Promise<Finding>;

/** A check of an AWS account or a deployment. Throws a BakeoffError where a fact cannot be had. */
export interface CloudCheck {
  readonly id: string;
  readonly check: (cloud: Cloud) => Promise<Finding>;
}
