/**
 * The figures of a job's load by name, as records, leaderboards and the API call them (gates/load-metrics.ts has their units): each with its
 * value, or with the reason why there is none. Figures of what a load did not ask for are not listed.
 */
import { LOAD_METRICS, type LoadMetric } from '../gates/load-metrics.ts';
import type { GoodputScore, Interval, JobScores, Percentile, StreamScore } from '../scores.ts';

export interface LoadFigure {
  readonly name: string;
  readonly value: number | null;
  readonly reason: string | null;
  readonly interval: Interval | null;
  /** What it is made of: samples, gaps or tokens. */
  readonly n: number;
  readonly metric: LoadMetric;
}

/** Why a job has no rate of tokens although it was answered. */
export const UNCOUNTED = 'some answers came as a whole, and the server does not tell their tokens';

type Bare = Omit<LoadFigure, 'metric'>;

/** None for a job that was never measured. */
export function loadFigures({ latency, succeeded }: Pick<JobScores, 'latency' | 'succeeded'>): LoadFigure[] {
  if (latency === null) return [];
  const { stream, goodput } = latency;
  const throughput = rate('throughput.samples', latency.throughputSamplesPerSecond, latency.answers ?? succeeded);
  const figures = [
    ...latency.percentiles.flatMap((percentile) => ofPercentile('latency', percentile, latency.n)),
    { ...throughput, reason: throughput.value === null ? (latency.throughputReason ?? throughput.reason) : null },
    ...(stream === undefined ? [] : ofStream(stream, latency.throughputReason)),
    ...(goodput === undefined ? [] : ofGoodput(goodput)),
  ];
  return figures.flatMap((figure) => {
    const metric = LOAD_METRICS.get(figure.name);
    return metric === undefined ? [] : [{ ...figure, metric }];
  });
}

/** `latency.p99.9` */
function nameOf(what: string, { p }: Percentile): string {
  return `${what}.p${Number((p * 100).toFixed(4))}`;
}

function ofPercentile(what: string, percentile: Percentile, n: number): Bare[] {
  const name = nameOf(what, percentile);
  const { empirical, empiricalReason, certified, certifiedReason } = percentile;
  return [
    { name: `${name}.empirical`, value: empirical, reason: empiricalReason, interval: null, n },
    { name: `${name}.certified`, value: certified, reason: certifiedReason, interval: null, n },
  ];
}

function ofStream({ ttft, gaps, tokens, tokensPerSecond, answersUncounted }: StreamScore, unfinished: string | undefined): Bare[] {
  const tokenRate = rate('throughput.tokens', tokensPerSecond, tokens);
  const why = answersUncounted > 0 ? UNCOUNTED : unfinished;
  return [
    ...ttft.percentiles.flatMap((percentile) => ofPercentile('ttft', percentile, ttft.n)),
    ...gaps.percentiles.flatMap((percentile) => ofPercentile('gap', percentile, gaps.n)),
    tokensPerSecond === null && why !== undefined ? { ...tokenRate, reason: why } : tokenRate,
  ];
}

function ofGoodput({ share, shareInterval, perSecond, reason, n }: GoodputScore): Bare[] {
  return [
    { name: 'goodput.share', value: share, reason: share === null ? reason : null, interval: shareInterval, n },
    { name: 'goodput.rate', value: perSecond, reason: perSecond === null ? reason : null, interval: null, n },
  ];
}

function rate(name: string, value: number | null, n: number): Bare {
  return { name, value, reason: value === null ? 'no time passed between answers' : null, interval: null, n };
}
