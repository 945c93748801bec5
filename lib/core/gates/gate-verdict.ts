/** What judging a run's gates yields: the content of `bakeoff gate --json`, and what its tables, its Markdown and its JUnit file show. */
import type { Gate } from './gate-rule.ts';
import type { Outcome } from './judge-gate.ts';

export interface GateBaseline {
  readonly runId: string;
  readonly jobId: string;
  /** Null where the baseline has none. */
  readonly value: number | null;
}

/** One gate over one job. */
export interface Judgement {
  readonly gate: Gate;
  /** `numbers.mae at most 3` */
  readonly text: string;
  /** Null where no job of the run answers to the gate. */
  readonly jobId: string | null;
  /** The model, and the params in which it differs from the run's other jobs. */
  readonly label: string;
  readonly value: number | null;
  readonly unit: string | null;
  readonly baseline: GateBaseline | null;
  readonly outcome: Outcome;
}

/** A run that others are judged against, and everything beside the numbers in which it differs from the run. */
export interface UsedBaseline {
  readonly runId: string;
  /** By how much the baseline is older than the run; negative when it is younger. */
  readonly ageDays: number;
  readonly warnings: readonly { readonly code: string; readonly text: string; readonly jobIds: readonly string[] }[];
}

export interface GateVerdict {
  readonly runId: string;
  readonly name: string;
  readonly state: string;
  readonly outcome: 'passed' | 'failed' | 'unjudged';
  /** How several tests of significance are corrected; null where there is none. */
  readonly correction: string | null;
  readonly judgements: readonly Judgement[];
  readonly baselines: readonly UsedBaseline[];
}

/** `2 of 5 gates failed`, `all 5 gates passed`. */
export function verdictHeadline({ judgements }: Pick<GateVerdict, 'judgements'>): string {
  const count = (kind: Outcome['kind']): number => judgements.filter(({ outcome }) => outcome.kind === kind).length;
  const [failed, unjudged, all] = [count('failed'), count('unjudged'), judgements.length];
  const gates = all === 1 ? 'gate' : 'gates';
  if (failed + unjudged === 0) return `all ${all} ${gates} passed`;
  const parts = [failed === 0 ? [] : `${failed} failed`, unjudged === 0 ? [] : `${unjudged} could not be judged`].flat();
  return `of ${all} ${gates} ${parts.join(', ')}`;
}

/** `12 days older`, `3 hours older`, `of the same time`. */
export function ageText(ageDays: number): string {
  const hours = Math.round(Math.abs(ageDays) * 24);
  if (hours === 0) return 'less than an hour apart';
  const amount = hours < 48 ? `${hours} h` : `${Math.round(hours / 24)} days`;
  return `${amount} ${ageDays > 0 ? 'older' : 'younger'}`;
}
