/** Why a metric cannot be part of a composite of a job: it was not measured, or has too few values. Used by every composite. */
import { estimatorOf, type MetricColumn } from '../columns.ts';

/** Null where the metric has a value over all of the job's `slots`. */
export function absentMetric(column: MetricColumn | undefined, metric: string, slots: number): string | null {
  if (column === undefined) return `${metric} was not measured`;
  if (column.info.direction === 'none') return `${metric} is a diagnostic without direction`;
  const { has } = estimatorOf(column);
  const { minN } = column.info;
  let samples = 0;
  for (let slot = 0; slot < slots && samples < minN; slot++) if (has(slot)) samples++;
  if (samples === 0) return `${metric} has no value`;
  return samples < minN ? `${metric} needs ${minN} samples, has ${samples}` : null;
}
