/**
 * What judging a run's gates yields: a part of `report.json`, the content of `bakeoff gate --json`, and what tables, Markdown and JUnit
 * files show.
 */
import { z } from 'zod';
import { idSchema } from '../ids.ts';
import { runStateSchema } from '../job.ts';
import { identityWarningSchema } from '../run-comparison.ts';
import { gateSchema } from './gate-rule.ts';

const outcomeSchema = z.object({ kind: z.enum(['passed', 'failed', 'unjudged']), reason: z.string() });
export type Outcome = z.infer<typeof outcomeSchema>;

const judgementSchema = z
  .object({
    gate: gateSchema,
    /** `numbers.mae at most 3` */
    text: z.string(),
    /** Null where no job of the run answers to the gate. */
    jobId: idSchema.nullable(),
    /** The model, and the params in which it differs from the run's other jobs. */
    label: z.string(),
    value: z.number().nullable(),
    unit: z.string().nullable(),
    /** Null for bounds, and where none was found; its value is null where the baseline has none. */
    baseline: z.object({ runId: idSchema, jobId: idSchema, value: z.number().nullable() }).nullable(),
    outcome: outcomeSchema,
  })
  .meta({ id: 'GateJudgement', description: 'One gate over one job.' });
export type Judgement = z.infer<typeof judgementSchema>;

const usedBaselineSchema = z.object({
  runId: idSchema,
  ageDays: z.number().meta({ description: 'By how much the baseline is older than the run; negative when it is younger.' }),
  warnings: z.array(identityWarningSchema),
});
/** A run that others are judged against, and everything beside the numbers in which it differs from the run. */
export type UsedBaseline = z.infer<typeof usedBaselineSchema>;

export const gateVerdictSchema = z
  .object({
    runId: idSchema,
    name: idSchema,
    state: runStateSchema,
    outcome: z.enum(['passed', 'failed', 'unjudged']),
    correction: z.string().nullable().meta({ description: 'How several tests of significance are corrected; null where there is none.' }),
    judgements: z.array(judgementSchema),
    baselines: z.array(usedBaselineSchema),
  })
  .meta({ id: 'GateVerdict', description: 'A run judged by gates, each over the jobs that it is about.' });
export type GateVerdict = z.infer<typeof gateVerdictSchema>;

/** `2 of 5 gates failed`, `all 5 gates passed`. */
export function verdictHeadline({ judgements }: Pick<GateVerdict, 'judgements'>): string {
  const count = (kind: Outcome['kind']): number => judgements.filter(({ outcome }) => outcome.kind === kind).length;
  const [failed, unjudged, all] = [count('failed'), count('unjudged'), judgements.length];
  const gates = all === 1 ? 'gate' : 'gates';
  if (failed + unjudged === 0) return `all ${all} ${gates} passed`;
  const parts = [failed === 0 ? [] : `${failed} failed`, unjudged === 0 ? [] : `${unjudged} could not be judged`].flat();
  return `of ${all} ${gates} ${parts.join(', ')}`;
}

/** Failed judgements first, then those that could not be made: what needs attention. */
export function inOrderOfConcern(judgements: readonly Judgement[]): Judgement[] {
  const order = ['failed', 'unjudged', 'passed'];
  return judgements.toSorted((a, b) => order.indexOf(a.outcome.kind) - order.indexOf(b.outcome.kind));
}

/** `12 days older`, `3 hours older`, `of the same time`. */
export function ageText(ageDays: number): string {
  const hours = Math.round(Math.abs(ageDays) * 24);
  if (hours === 0) return 'less than an hour apart';
  const amount = hours < 48 ? `${hours} h` : `${Math.round(hours / 24)} days`;
  return `${amount} ${ageDays > 0 ? 'older' : 'younger'}`;
}
