/** What a report says of its composite: facts, inputs and the figures of each job, as text. Used by every renderer that shows them. */
import type { Composite } from '../core/scores.ts';
import { formatSignificant } from './format-number.ts';
import { scoreTexts, metricDecimals } from './metric-lookup.ts';
import type { Report } from './report-model.ts';

export interface CompositeFacts {
  readonly facts: readonly (readonly [name: string, text: string])[];
  readonly inputs: { readonly head: readonly string[]; readonly rows: readonly (readonly string[])[] };
  readonly jobs: { readonly head: readonly string[]; readonly rows: readonly (readonly string[])[] };
}

/** Null where jobs are ranked by a metric as it is. */
export function compositeFacts(report: Report): CompositeFacts | null {
  const { composite } = report.ranking;
  if (composite === undefined) return null;
  return { facts: factsOf(composite), inputs: inputsOf(composite), jobs: figuresOf(composite, report) };
}

function factsOf({ profile, version, formula, source, note, groups }: Composite): CompositeFacts['facts'] {
  const weights = groups.map(({ name, weight }) => `${weight} x ${name}`).join(' + ');
  return [
    ['Composite', `${profile}, version ${version}`],
    ['Formula', formula],
    ...(weights === '' ? [] : [['Groups', weights] as const]),
    ...(source === null ? [] : [['Source', source] as const]),
    ...(note === null ? [] : [['Note', note] as const]),
  ];
}

/** Columns that would be empty, or all alike, are left out. */
function inputsOf({ inputs }: Composite): CompositeFacts['inputs'] {
  const isNamed = inputs.some(({ dimension, metric }) => dimension !== metric);
  const isGrouped = inputs.some(({ group }) => group !== null);
  const isScaled = inputs.some(({ min }) => min !== null);
  const head = [
    ...(isNamed ? ['Dimension'] : []),
    'Metric',
    ...(isGrouped ? ['Group'] : []),
    ...(isScaled ? ['Counts as 0', 'Counts as 1'] : []),
    'Weight',
  ];
  const rows = inputs.map(({ dimension, metric, weight, min, max, group }) => [
    ...(isNamed ? [dimension] : []),
    metric,
    ...(isGrouped ? [group ?? '—'] : []),
    ...(isScaled ? [min === null ? '—' : String(min), max === null ? '—' : String(max)] : []),
    String(weight),
  ]);
  return { head, rows };
}

function figuresOf(composite: Composite, report: Report): CompositeFacts['jobs'] {
  const names = [...new Set(composite.jobs.flatMap(({ figures }) => Object.keys(figures)))];
  const byJob = new Map(composite.jobs.map(({ jobId, figures }) => [jobId, figures]));
  const { metric } = report.ranking;
  const decimals = metricDecimals(report, metric);
  const rows = report.jobs.map((job) => {
    const figures = byJob.get(job.jobId) ?? {};
    return [job.label, ...names.map((name) => formatSignificant(figures[name] ?? null)), scoreTexts(job, metric, decimals).value];
  });
  // A share of the other jobs, not the metric's own value.
  const titles = composite.profile === 'mean-win-rate' ? names.map((name) => `wins in ${name}`) : names;
  return { head: ['Job', ...titles, 'Total'], rows };
}
