/** What a run's composite is made of, for its report: formula, version, weights, inputs, and the figures of each job beside its total. */
import type { SuiteColumns } from '../columns.ts';
import { type CompositeRule, compositeName, formulaOf, rankedColumn, type ScoreRule } from '../composite.ts';
import type { MetricInfo } from '../manifest.ts';
import { findProfile } from '../profiles/profiles.ts';
import type { RunJob } from '../score-run.ts';
import type { Composite } from '../scores.ts';
import type { JointScores } from './company.ts';
import { fractionScale, groupScores } from './profile-column.ts';

/** Of our own formulas: raised when any digit of a result would change. */
const OWN_VERSION = '1';
const COMPANY = 'It is a number of all ranked jobs of this run together: with other jobs beside them, the same answers have another one.';

const SOURCES: Readonly<Record<'mean-win-rate' | 'bradley-terry', string>> = {
  'mean-win-rate': 'stanford-crfm/helm, compute_aggregate_row_win_rates',
  'bradley-terry': 'Bradley and Terry, Biometrika 39, 1952',
};

/** Absent where jobs are ranked by a metric as it is. */
export function compositeOf(
  rule: ScoreRule | null,
  jobs: readonly RunJob[],
  joint: JointScores | null,
  suite: SuiteColumns,
): { readonly composite?: Composite } {
  if (rule === null || rule.kind === 'rankBy') return {};
  const infos = new Map(jobs.flatMap(({ columns }) => columns.metrics.map(({ name, info }) => [name, info])));
  const figuresOf = (job: RunJob): Record<string, number | null> =>
    rule.kind === 'profile' ? groupFigures(rule, job, suite) : { ...joint?.jobs.get(job.columns.jobId)?.figures };
  const composite = {
    profile: compositeName(rule),
    formula: formulaOf(rule),
    ...factsOf(rule, infos),
    jobs: jobs.map((job) => ({ jobId: job.columns.jobId, figures: figuresOf(job) })),
  };
  return { composite };
}

type Facts = Pick<Composite, 'version' | 'source' | 'note' | 'inputs' | 'groups'>;

function factsOf(rule: CompositeRule, infos: ReadonlyMap<string, MetricInfo>): Facts {
  switch (rule.kind) {
    case 'weighted': {
      const inputs = Object.entries(rule.weights).map(([metric, weight]) => {
        const { direction, range } = infos.get(metric) ?? { direction: 'higher', range: [null, null] };
        const [min, max] = direction === 'lower' ? [range[1], range[0]] : range;
        return { dimension: metric, metric, weight, min: min ?? null, max: max ?? null, group: null };
      });
      return { version: OWN_VERSION, source: null, note: null, inputs, groups: [] };
    }
    case 'profile':
      return profileFacts(rule, infos);
    case 'mean-win-rate':
      return { version: OWN_VERSION, source: SOURCES[rule.kind], note: COMPANY, inputs: rule.metrics.map(plainInput), groups: [] };
    case 'bradley-terry':
      return { version: OWN_VERSION, source: SOURCES[rule.kind], note: COMPANY, inputs: [plainInput(rule.metric)], groups: [] };
  }
}

function plainInput(metric: string): Composite['inputs'][number] {
  return { dimension: metric, metric, weight: 1, min: null, max: null, group: null };
}

function profileFacts(rule: Extract<ScoreRule, { kind: 'profile' }>, infos: ReadonlyMap<string, MetricInfo>): Facts {
  const { version, source, note, groups, hasSubtotals } = findProfile(rule.profile);
  const inputs = groups.flatMap(({ name, dimensions }) =>
    Object.entries(dimensions).map(([dimension, { min, max, weight }]) => {
      const metric = rule.dimensions[dimension] ?? '';
      const scale = fractionScale(infos.get(metric) ?? { range: [0, 1] }) ?? 1;
      return { dimension, metric, weight, min: min * scale, max: max * scale, group: hasSubtotals ? name : null };
    }),
  );
  return { version, source, note: note ?? null, inputs, groups: hasSubtotals ? groups.map(({ name, weight }) => ({ name, weight })) : [] };
}

/** Null where a dimension is missing: with it the whole is refused. */
function groupFigures(
  rule: Extract<ScoreRule, { kind: 'profile' }>,
  { columns }: RunJob,
  suite: SuiteColumns,
): Record<string, number | null> {
  const profile = findProfile(rule.profile);
  if (!profile.hasSubtotals) return {};
  const ranked = rankedColumn(columns, rule);
  if ('reason' in ranked || ranked.column.kind !== 'profile') return Object.fromEntries(profile.groups.map(({ name }) => [name, null]));
  return groupScores(ranked.column, { items: suite.order, repeats: suite.repeats });
}
