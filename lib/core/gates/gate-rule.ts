/** A gate: a rule that a run's numbers must keep, as a bound or against a baseline. Read by parse-gates.ts, judged by judge-gate.ts. */
import { z } from 'zod';
import { idSchema } from '../ids.ts';
import { METRIC_PATTERN } from '../spec.ts';

/** `10%`, `2.5 %` or `significant`. */
export const REGRESSION_PATTERN = /^(?:significant|\d{1,4}(?:\.\d{1,4})? ?%)$/;
/** A percentile says which of the two it is. */
export const LATENCY_GATES = [50, 90, 95, 99, 99.9].flatMap((p) => [`latency.p${p}.empirical`, `latency.p${p}.certified`]);

/** As a user writes it. */
export const gateSchema = z.strictObject({
  metric: z.string().max(200).regex(METRIC_PATTERN),
  model: idSchema.optional(),
  min: z.number().optional(),
  max: z.number().optional(),
  baseline: idSchema.optional(),
  maxRegression: z
    .union([z.number().min(0), z.string().regex(REGRESSION_PATTERN, 'a number, a share such as 10%, or significant')])
    .optional(),
});
export type WrittenGate = z.infer<typeof gateSchema>;

export const gateFileSchema = z.strictObject({ gates: z.array(gateSchema).min(1).max(200) });

/** How much worse than its baseline a value may be. */
export type AllowedRegression =
  /** In the unit of the metric. */
  | { readonly kind: 'absolute'; readonly amount: number }
  /** Of the baseline's absolute value: 0.1 is 10 %. */
  | { readonly kind: 'relative'; readonly share: number }
  /** Not separably worse, paired by sample. */
  | { readonly kind: 'significant' };

export interface BoundGate {
  readonly kind: 'bound';
  readonly metric: string;
  /** Null: every job but references. */
  readonly model: string | null;
  readonly min: number | null;
  readonly max: number | null;
}

export interface RegressionGate {
  readonly kind: 'regression';
  readonly metric: string;
  readonly model: string | null;
  /** A run, or `latest`. */
  readonly baseline: string;
  readonly allowed: AllowedRegression;
}

export type Gate = BoundGate | RegressionGate;

/** `numbers.mae at most 3`, `text.cer at most 10 % worse than latest`. */
export function gateText(gate: Gate): string {
  if (gate.kind === 'bound') {
    const bounds = [gate.min === null ? [] : `at least ${gate.min}`, gate.max === null ? [] : `at most ${gate.max}`].flat();
    return `${gate.metric} ${bounds.join(' and ')}`;
  }
  return `${gate.metric} ${allowedText(gate.allowed)} than ${gate.baseline}`;
}

function allowedText(allowed: AllowedRegression): string {
  switch (allowed.kind) {
    case 'absolute':
      return `at most ${allowed.amount} worse`;
    case 'relative':
      return `at most ${Number((allowed.share * 100).toFixed(6))} % worse`;
    case 'significant':
      return 'not significantly worse';
  }
}
