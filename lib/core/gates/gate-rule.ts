/** A gate: a rule that a run's numbers must keep, as a bound or against a baseline. Written in a spec or a file, judged by judge-gate.ts. */
import { z } from 'zod';
import { MAX_GATES, type WrittenGate, writtenGateSchema } from '../spec.ts';

export const gateFileSchema = z.strictObject({ gates: z.array(writtenGateSchema).min(1).max(MAX_GATES) });

/** How much worse than its baseline a value may be. */
const allowedRegressionSchema = z.discriminatedUnion('kind', [
  /** In the unit of the metric. */
  z.object({ kind: z.literal('absolute'), amount: z.number() }),
  /** Of the baseline's absolute value: 0.1 is 10 %. */
  z.object({ kind: z.literal('relative'), share: z.number() }),
  /** Not separably worse, paired by sample. */
  z.object({ kind: z.literal('significant') }),
]);
export type AllowedRegression = z.infer<typeof allowedRegressionSchema>;

const head = {
  metric: z.string(),
  /** Null: every job but references. */
  model: z.string().nullable(),
};
const boundGateSchema = z.object({ kind: z.literal('bound'), ...head, min: z.number().nullable(), max: z.number().nullable() });
export type BoundGate = z.infer<typeof boundGateSchema>;

const regressionGateSchema = z.object({
  kind: z.literal('regression'),
  ...head,
  /** A run, or `latest`. */
  baseline: z.string(),
  allowed: allowedRegressionSchema,
});
export type RegressionGate = z.infer<typeof regressionGateSchema>;

export const gateSchema = z.discriminatedUnion('kind', [boundGateSchema, regressionGateSchema]);
export type Gate = z.infer<typeof gateSchema>;

/** The rule that a user wrote; its keys fit together (rule-problems.ts). */
export function gateOf(written: WrittenGate): Gate {
  const { metric, baseline = 'latest', maxRegression } = written;
  const model = written.model ?? null;
  if (maxRegression === undefined) return { kind: 'bound', metric, model, min: written.min ?? null, max: written.max ?? null };
  return { kind: 'regression', metric, model, baseline, allowed: allowedOf(maxRegression) };
}

function allowedOf(written: number | string): AllowedRegression {
  if (typeof written === 'number') return { kind: 'absolute', amount: written };
  return written === 'significant' ? { kind: 'significant' } : { kind: 'relative', share: Number.parseFloat(written) / 100 };
}

/** The same rules against another baseline than their own; bounds have none. */
export function against(gates: readonly Gate[], baseline: string | null): Gate[] {
  return gates.map((gate) => (gate.kind === 'bound' || baseline === null ? gate : { ...gate, baseline }));
}

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
