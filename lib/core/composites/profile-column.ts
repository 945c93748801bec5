/**
 * The column of a published profile from the columns of a job: which metric measures which dimension, and on which samples. Called by
 * composite.ts; the formulas are in lib/core/profiles.
 */
import { isAnswerColumn } from '../answer-column.ts';
import {
  estimatorOf,
  type JobColumns,
  type MetricColumn,
  NOT_DUE,
  type PlainColumn,
  type ProfilePart,
  profileTerms,
  type SuiteColumns,
} from '../columns.ts';
import { type Estimate, MIN_BOOTSTRAP_CLUSTERS } from '../measures/estimate.ts';
import type { Selection } from '../measures/estimator.ts';
import type { MetricInfo } from '../manifest.ts';
import { type Profile, profileScorer } from '../profiles/profile.ts';
import { absentMetric } from './absent-metric.ts';
import { PROFILE_POINTS } from './profile-estimator.ts';

/** What a rule reads of a job. */
export type RankedJob = Pick<JobColumns, 'metrics' | 'state'>;
export type ProfileColumn = Extract<MetricColumn, { kind: 'profile' }>;

/** What a raw value is divided by to be a fraction of 1: metrics of a range within 0..1, or of exactly 0..100. Null for any other. */
export function fractionScale({ range: [low, high] }: Pick<MetricInfo, 'range'>): 1 | 100 | null {
  if (low === null || high === null || low < 0) return null;
  if (high <= 1) return 1;
  return low === 0 && high === 100 ? 100 : null;
}

/** By dimension in the profile's order, 1 where a slot's item is measured on it by any of the jobs. */
export type MeasuredSlots = readonly Uint8Array[];

/**
 * Published profiles measure dimensions on different prompts: an item that nobody has a value for in a dimension, while somebody has one in
 * another, is no gap of that dimension. An item without any value in any job could have had all of them.
 */
export function measuredSlots(jobs: readonly (readonly MetricColumn[])[], metrics: readonly string[], suite: SuiteColumns): MeasuredSlots {
  const { itemCount, repeats } = suite;
  const byItem = metrics.map(() => new Uint8Array(itemCount));
  for (const columns of jobs) {
    for (const [at, metric] of metrics.entries()) {
      const column = columns.find(({ name }) => name === metric);
      if (column === undefined) continue;
      const { has } = estimatorOf(column);
      const items = byItem[at] ?? NOTHING;
      for (let slot = 0; slot < itemCount * repeats; slot++) if (has(slot)) items[Math.floor(slot / repeats)] = 1;
    }
  }
  const anywhere = Uint8Array.from({ length: itemCount }, (_, item) => (byItem.some((items) => items[item] === 1) ? 1 : 0));
  return byItem.map((items) =>
    Uint8Array.from({ length: itemCount * repeats }, (_, slot) => {
      const item = Math.floor(slot / repeats);
      return items[item] === 1 || anywhere[item] === 0 ? 1 : 0;
    }),
  );
}

const NOTHING = new Uint8Array(0);

/** The parts of a profile, or the reason why this job has no total, which names the dimension. */
export function profileParts(
  { metrics, state }: RankedJob,
  dimensions: Readonly<Record<string, string>>,
  profile: Profile,
  measured: MeasuredSlots | null,
): ProfilePart[] | string {
  const parts: ProfilePart[] = [];
  for (const [at, dimension] of profileScorer(profile).dimensions.entries()) {
    const metric = dimensions[dimension];
    if (metric === undefined) return `missing: ${dimension}`;
    const column = metrics.find(({ name }) => name === metric);
    const fault = faultOf(column, metric, state.length);
    if (fault !== null || column === undefined || !isPlain(column))
      return `missing: ${dimension}; ${fault ?? `${metric} is no mean or ratio over samples`}`;
    parts.push({ dimension, column: restricted(column, measured?.[at] ?? null), scale: fractionScale(column.info) ?? 1 });
  }
  return parts;
}

function isPlain(column: MetricColumn): column is PlainColumn {
  return column.kind !== 'profile' && !isAnswerColumn(column);
}

function faultOf(column: MetricColumn | undefined, metric: string, slots: number): string | null {
  const absence = absentMetric(column, metric, slots);
  if (column === undefined || absence !== null) return absence;
  if (column.info.direction !== 'higher') return `${metric} is not better when higher`;
  return fractionScale(column.info) === null ? `${metric} is no fraction` : null;
}

/** Slots on which the dimension is not measured are not due. */
function restricted(column: PlainColumn, measured: Uint8Array | null): PlainColumn {
  if (measured === null || measured.every((flag) => flag === 1)) return column;
  const states = Uint8Array.from(measured, (flag, slot) => (flag === 1 ? (column.states?.[slot] ?? 0) : NOT_DUE));
  return { ...column, states };
}

/** Two totals of different runs, each with every item counted as measured on a dimension where either of them has a value. */
export function withSharedSlots(a: MetricColumn, b: MetricColumn, suite: SuiteColumns): [MetricColumn, MetricColumn] {
  if (a.kind !== 'profile' || b.kind !== 'profile') return [a, b];
  const columns = [a, b].map(({ parts }) => parts.map(({ column }) => column));
  const measured = measuredSlots(
    columns,
    a.parts.map(({ column }) => column.name),
    suite,
  );
  const shared = (total: ProfileColumn): ProfileColumn => ({
    ...total,
    parts: total.parts.map((part, at) => ({ ...part, column: restricted(part.column, measured[at] ?? null) })),
  });
  return [shared(a), shared(b)];
}

/** Total and groups of a job in percent, over all of its samples; group scores only where the profile has subtotals. */
export function groupScores(column: ProfileColumn, selection: Selection): Record<string, number> {
  const { profile } = column;
  const raw = Float64Array.from(profileTerms(column), ({ estimator, scale }) => {
    const sums = new Float64Array(estimator.width);
    forEachSlot(selection, (slot) => {
      if (estimator.has(slot)) estimator.add(slot, sums, 0);
    });
    return estimator.value(sums, 0) / scale;
  });
  const groups = new Float64Array(profile.groups.length);
  profileScorer(profile).score(raw, groups);
  if (!profile.hasSubtotals) return {};
  return Object.fromEntries(profile.groups.map(({ name }, at) => [name, PROFILE_POINTS * (groups[at] ?? Number.NaN)]));
}

function forEachSlot({ items, repeats }: Selection, visit: (slot: number) => void): void {
  for (const item of items) for (let slot = item * repeats; slot < (item + 1) * repeats; slot++) visit(slot);
}

/**
 * Why no interval of this total may be trusted, whatever the number of items behind all dimensions together: one of them has few of its own.
 * `other`: the job that it is compared with, on common samples. Null where every dimension has enough.
 */
function thinDimension(column: MetricColumn, selection: Selection, other: MetricColumn | null): string | null {
  if (column.kind !== 'profile' || (other !== null && other.kind !== 'profile')) return null;
  const terms = profileTerms(column);
  const others = other === null ? terms : profileTerms(other);
  for (const [at, { dimension }] of column.parts.entries()) {
    const [own, their] = [terms[at]?.estimator, others[at]?.estimator];
    let items = 0;
    for (const item of selection.items) {
      let found = false;
      for (let slot = item * selection.repeats; slot < (item + 1) * selection.repeats && !found; slot++) {
        found = own?.has(slot) === true && their?.has(slot) === true;
      }
      if (found) items++;
    }
    if (items < MIN_BOOTSTRAP_CLUSTERS) return `fewer than ${MIN_BOOTSTRAP_CLUSTERS} items (${items}) of ${dimension}`;
  }
  return null;
}

/** An estimate of a total with no interval where one of its dimensions has too few items for one. */
export function withoutThinParts(found: Estimate, column: MetricColumn, selection: Selection, other: MetricColumn | null = null): Estimate {
  const thin = found.value === null ? null : thinDimension(column, selection, other);
  return thin === null ? found : { ...found, interval: null, intervalReason: thin };
}
