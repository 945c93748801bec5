/**
 * Figures of load that a gate may name beside `<scorer>.<metric>`: what they are, and what a spec must ask for so that a run has them.
 * Read by the checks of gates and by whoever reads such a figure out of a report.
 */
import type { MetricInfo } from '../manifest.ts';

/** `percentiles`: any load but offline; `stream`: load.stream; `slo`: stated objectives. */
export type LoadNeed = 'percentiles' | 'stream' | 'slo';

export interface LoadMetric extends Pick<MetricInfo, 'unit' | 'direction' | 'range'> {
  readonly needs: LoadNeed | null;
}

const PERCENTS = [50, 90, 95, 99, 99.9];
const time = (needs: LoadNeed): LoadMetric => ({ unit: 'ms', direction: 'lower', range: [0, null], needs });
const rate = (unit: string, needs: LoadNeed | null): LoadMetric => ({ unit, direction: 'higher', range: [0, null], needs });

/** A percentile says which of the two it is. */
const percentiles = (what: string, kinds: readonly string[], needs: LoadNeed): [string, LoadMetric][] =>
  PERCENTS.flatMap((percent) => kinds.map((kind): [string, LoadMetric] => [`${what}.p${percent}.${kind}`, time(needs)]));

export const LOAD_METRICS: ReadonlyMap<string, LoadMetric> = new Map<string, LoadMetric>([
  ...percentiles('latency', ['empirical', 'certified'], 'percentiles'),
  ...percentiles('ttft', ['empirical', 'certified'], 'stream'),
  ...percentiles('gap', ['empirical'], 'stream'),
  ['throughput.samples', rate('samples/s', null)],
  ['throughput.tokens', rate('tokens/s', 'stream')],
  ['goodput.share', { unit: 'fraction', direction: 'higher', range: [0, 1], needs: 'slo' }],
  ['goodput.rate', rate('samples/s', 'slo')],
]);

const GROUPS: ReadonlyMap<string, string> = new Map([
  ['latency', 'latency.p50, p90, p95, p99 or p99.9, and .empirical or .certified'],
  ['ttft', 'ttft.p50, p90, p95, p99 or p99.9, and .empirical or .certified'],
  ['gap', 'gap.p50, p90, p95, p99 or p99.9, and .empirical'],
  ['throughput', 'throughput.samples or throughput.tokens'],
  ['goodput', 'goodput.share or goodput.rate'],
]);

/** What names with this beginning may be, in words; null for a name that is none of load. */
export function loadMetricNames(metric: string): string | null {
  return GROUPS.get(metric.split('.')[0] ?? '') ?? null;
}
