/**
 * Checks the gates of a spec against its other sections: only what the run will have can be judged, and only bounds that some value could
 * break. Called by parse-spec.ts; a file of gates has no spec beside it, and is judged as the run is.
 */
import { TOTAL_NAME } from '../composite.ts';
import type { MetricInfo } from '../manifest.ts';
import { minimumSamples } from '../measures/percentile.ts';
import { nearestName } from '../nearest-name.ts';
import { expectedNames } from '../parse-spec-suite.ts';
import type { Registry } from '../registry.ts';
import { allScorerNames, offersOf, splitMetricName } from '../resolve-scorers.ts';
import type { SpecLoad, WrittenGate } from '../spec.ts';
import { describeValue, type PathStep, type ProblemDraft } from '../spec-problem.ts';
import { LOAD_METRICS, type LoadNeed, loadMetricNames } from './load-metrics.ts';
import { notPaired, type PlacedGate, ruleProblems } from './rule-problems.ts';

/** What the other sections say, as far as their shapes are sound; undefined where they do not tell. */
export interface GatedSpec {
  readonly models: readonly string[] | undefined;
  readonly scorers: readonly string[] | undefined;
  readonly load: SpecLoad | undefined;
  readonly hasObjectives: boolean;
  /** Of a job, at most; null where that is not known. */
  readonly samples: number | null;
  /** Of `score.total`; null where the spec has no composite. */
  readonly composite: MetricInfo | null;
  /** Whether that depends on the jobs that a run has, as win rates and strengths do. */
  readonly isJoint: boolean;
}

/** Nothing tells whether a difference of it is more than chance (labels/calibration-estimator.ts). */
const WITHOUT_INTERVAL = 'labels.calibration-error';

type Judged = Pick<MetricInfo, 'direction' | 'range'>;

export function checkGates(gates: readonly PlacedGate[], spec: GatedSpec, registry: Registry, problems: ProblemDraft[]): void {
  for (const placed of gates) {
    const own = ruleProblems(placed);
    problems.push(...own);
    checkModel(placed, spec, problems);
    const metric = own.some(({ code }) => code === 'invalid-metric-name') ? null : judgedMetric(placed, spec, registry, problems);
    if (metric === null || own.length > 0) continue;
    if (spec.isJoint && placed.gate.metric === TOTAL_NAME && placed.gate.maxRegression !== undefined)
      problems.push(jointRegression(placed));
    else checkThresholds(placed, metric, problems);
  }
}

function jointRegression({ index }: PlacedGate): ProblemDraft {
  const detail = 'a win rate, or a strength, depends on the jobs that a run has; give a bound';
  return { code: 'unknown-key', path: ['gates', index, 'maxRegression'], seen: '"maxRegression"', detail, atKey: true };
}

function checkModel({ gate: { model }, index }: PlacedGate, { models }: GatedSpec, problems: ProblemDraft[]): void {
  if (model === undefined || models === undefined || models.includes(model)) return;
  const nearest = nearestName(model, models);
  problems.push({ code: 'not-one-of', path: ['gates', index, 'model'], seen: describeValue(model), ...expectedNames(models), nearest });
}

/** Null, with its problem, for what the run will not have. */
function judgedMetric({ gate, index }: PlacedGate, spec: GatedSpec, registry: Registry, problems: ProblemDraft[]): Judged | null {
  const { metric } = gate;
  const at = { path: ['gates', index, 'metric'], seen: describeValue(metric) };
  if (loadMetricNames(metric) !== null) {
    const known = LOAD_METRICS.get(metric) ?? null;
    const lacks = known === null ? null : (lackOf(known.needs, spec) ?? uncertifiable(metric, spec.samples));
    if (lacks !== null) problems.push({ code: 'metric-not-measured', ...at, detail: lacks });
    return lacks === null ? known : null;
  }
  if (metric === TOTAL_NAME) {
    if (spec.composite !== null) return spec.composite;
    problems.push({ code: 'metric-not-measured', ...at, detail: 'the spec has no composite: it needs a score with a profile' });
    return null;
  }
  return scorerMetric(metric, at, spec.scorers, registry, problems);
}

function lackOf(need: LoadNeed | null, { load, hasObjectives }: GatedSpec): string | null {
  if (need === 'slo') return hasObjectives ? null : 'goodput needs objectives under slo';
  if (load === undefined || need === null) return null;
  if (need === 'stream') return load.stream ? null : 'it needs load.stream: true';
  return load.mode === 'offline' ? 'offline load reports throughput, no percentiles' : null;
}

/** Of `latency.p99.certified` and its like: why so many samples can never certify it. */
function uncertifiable(metric: string, samples: number | null): string | null {
  const percent = /^[a-z]+\.p([\d.]+)\.certified$/.exec(metric)?.[1];
  if (percent === undefined || samples === null) return null;
  const needed = minimumSamples(Math.round(Number(percent) * 100));
  return samples >= needed ? null : `p${percent} is certified from ${needed} samples on; a job has ${samples}`;
}

function scorerMetric(
  name: string,
  at: { readonly path: PathStep[]; readonly seen: string },
  scorers: readonly string[] | undefined,
  registry: Registry,
  problems: ProblemDraft[],
): Judged | null {
  const [scorer, metricName] = splitMetricName(name);
  const offers = offersOf(scorer, registry);
  if (offers.length === 0 && scorers?.includes(scorer)) return null; // told where the scorer is listed
  if (offers.length === 0 || (scorers !== undefined && !scorers.includes(scorer))) {
    const known = scorers ?? allScorerNames(registry);
    problems.push({ code: 'scorer-not-listed', ...at, ...expectedNames(known), nearest: nearestName(scorer, known) });
    return null;
  }
  const metrics = offers.flatMap((offer) => offer.metrics);
  const metric = metrics.find((candidate) => candidate.name === metricName);
  if (metric !== undefined) return metric;
  const known = metrics.map((candidate) => `${scorer}.${candidate.name}`);
  problems.push({ code: 'unknown-metric', ...at, ...expectedNames(known), nearest: nearestName(name, known) });
  return null;
}

function checkThresholds({ gate, index }: PlacedGate, { direction, range }: Judged, problems: ProblemDraft[]): void {
  const path = ['gates', index];
  if (gate.maxRegression === undefined) {
    problems.push(...boundProblems(gate, range, path));
    return;
  }
  if (direction === 'none') {
    problems.push({ code: 'metric-without-direction', path: [...path, 'metric'], seen: describeValue(gate.metric) });
    return;
  }
  if (gate.maxRegression === 'significant' && gate.metric === WITHOUT_INTERVAL) {
    problems.push(notPaired(path, 'the calibration error has no interval'));
    return;
  }
  const [low, high] = range;
  if (typeof gate.maxRegression !== 'number' || low === null || high === null || gate.maxRegression < high - low) return;
  const expected = `below ${high - low}: nothing could be worse by more`;
  problems.push({ code: 'number-too-large', path: [...path, 'maxRegression'], seen: describeValue(gate.maxRegression), expected });
}

/** Outside of the range of the metric, or such that no value of it could fail. */
function boundProblems({ min, max }: WrittenGate, [low, high]: Judged['range'], path: PathStep[]): ProblemDraft[] {
  const outside = [
    ...(['min', 'max'] as const).flatMap((key): ProblemDraft[] => {
      const bound = key === 'min' ? min : max;
      if (bound === undefined) return [];
      const at = {
        path: [...path, key],
        seen: describeValue(bound),
        expected: `within ${low ?? '−∞'} to ${high ?? '∞'}, as the metric is`,
      };
      if (low !== null && bound < low) return [{ code: 'number-too-small', ...at }];
      return high !== null && bound > high ? [{ code: 'number-too-large', ...at }] : [];
    }),
  ];
  if (outside.length > 0) return outside;
  const minIsIdle = min === undefined || min === low;
  const maxIsIdle = max === undefined || max === high;
  if (!minIsIdle || !maxIsIdle) return [];
  if (max === undefined)
    return [
      { code: 'number-too-small', path: [...path, 'min'], seen: describeValue(min), expected: `above ${low}: no value could fail it` },
    ];
  return [
    { code: 'number-too-large', path: [...path, 'max'], seen: describeValue(max), expected: `below ${high}: no value could fail it` },
  ];
}
