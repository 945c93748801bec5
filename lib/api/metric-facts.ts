/** Which version and direction a metric has now, from what is registered: what a leaderboard is asked for by default. */
import { BUILTIN_SCORERS } from '../core/builtin-scorers.ts';
import { TOTAL_INFO, TOTAL_NAME } from '../core/composite.ts';
import { LOAD_METRICS } from '../core/gates/load-metrics.ts';
import { defaultLoadVersion } from '../core/load/load-version.ts';
import type { Registry } from '../core/registry.ts';
import { splitMetricName } from '../core/resolve-scorers.ts';

export interface MetricFacts {
  readonly version: string;
  readonly direction: 'higher' | 'lower' | 'none';
}

/** Null for a metric that nothing registered offers. */
export function metricFacts(metric: string, registry: Registry): MetricFacts | null {
  if (metric === TOTAL_NAME) return { version: '1', direction: TOTAL_INFO.direction };
  const figure = LOAD_METRICS.get(metric);
  if (figure !== undefined)
    return { version: defaultLoadVersion(BUILTIN_SCORERS.get('latency')?.version ?? '1'), direction: figure.direction };
  const [scorer, name] = splitMetricName(metric);
  const offers = [
    BUILTIN_SCORERS.get(scorer),
    ...[...registry.evaluators.values()].map(({ manifest }) => offered(manifest.scorers, scorer)),
  ];
  for (const offer of offers) {
    const info = offer?.metrics.find((candidate) => candidate.name === name);
    if (offer !== undefined && info !== undefined) return { version: offer.version, direction: info.direction };
  }
  return null;
}

function offered<T>(scorers: Readonly<Record<string, T>>, scorer: string): T | undefined {
  return Object.hasOwn(scorers, scorer) ? scorers[scorer] : undefined;
}
