/** Where things stand on the Pareto chart: scales, ticks, the front and what labels should not cover. Pure. */
import type { Report } from '../report-model.ts';
import type { Box } from './label-layout.ts';

export type ParetoPoint = Report['pareto']['points'][number];

export interface Scale {
  readonly toPx: (value: number) => number;
  readonly domain: readonly [number, number];
}

/** Whiskers and the front's steps, as thin boxes. */
export function paretoObstacles(report: Report, x: Scale, y: Scale): Box[] {
  const box = (x1: number, y1: number, x2: number, y2: number): Box => ({
    left: Math.min(x1, x2) - 1,
    right: Math.max(x1, x2) + 1,
    top: Math.min(y1, y2) - 1,
    bottom: Math.max(y1, y2) + 1,
  });
  const whiskers = report.pareto.points.flatMap((point) => [
    box(x.toPx(point.x), y.toPx(point.yInterval?.low ?? point.y), x.toPx(point.x), y.toPx(point.yInterval?.high ?? point.y)),
    box(x.toPx(point.xInterval?.low ?? point.x), y.toPx(point.y), x.toPx(point.xInterval?.high ?? point.x), y.toPx(point.y)),
  ]);
  const front = frontLine(report.pareto.points, report.ranking.direction === 'lower');
  const steps = front.flatMap((from, at) => {
    const to = front[at + 1];
    if (to === undefined) return [];
    const corner = x.toPx(to.x);
    return [box(x.toPx(from.x), y.toPx(from.y), corner, y.toPx(from.y)), box(corner, y.toPx(from.y), corner, y.toPx(to.y))];
  });
  return [...whiskers, ...steps];
}

/** The strict front among ranked points: each one better than all faster ones. */
export function frontLine(points: readonly ParetoPoint[], lowerIsBetter: boolean): Array<{ x: number; y: number }> {
  const candidates = points.filter((point) => point.onFront && !point.reference).sort((a, b) => a.x - b.x);
  const line: ParetoPoint[] = [];
  for (const point of candidates) {
    const last = line.at(-1);
    if (last === undefined || (lowerIsBetter ? point.y < last.y : point.y > last.y)) line.push(point);
  }
  return line.map(({ x, y }) => ({ x, y }));
}

/** A log scale where the slowest takes more than six times the time of the fastest. */
export function isLog(points: readonly ParetoPoint[]): boolean {
  const values = points.map((point) => point.x);
  return Math.min(...values) > 0 && Math.max(...values) / Math.min(...values) > 6;
}

/** Latency from left to right, with room for whiskers. */
export function xScale(points: readonly ParetoPoint[], width: number, log: boolean): Scale {
  const low = Math.min(...points.map((point) => Math.min(point.x, point.xInterval?.low ?? point.x)));
  const high = Math.max(...points.map((point) => Math.max(point.x, point.xInterval?.high ?? point.x)));
  if (log) {
    const floor = low > 0 ? low : Math.min(...points.map((point) => point.x));
    const domain: [number, number] = [floor / 1.35, high * 1.35];
    return { domain, toPx: (value) => (Math.log(value / domain[0]) / Math.log(domain[1] / domain[0])) * width };
  }
  const margin = (high - low || Math.abs(high) || 1) * 0.12;
  const domain: [number, number] = [Math.max(0, low - margin), high + margin];
  return { domain, toPx: (value) => ((value - domain[0]) / (domain[1] - domain[0])) * width };
}

/** Quality from bottom to top: the better end is up, also where lower is better. */
export function yScale(points: readonly ParetoPoint[], height: number, reversed: boolean): Scale {
  const low = Math.min(...points.map((point) => Math.min(point.y, point.yInterval?.low ?? point.y)));
  const high = Math.max(...points.map((point) => Math.max(point.y, point.yInterval?.high ?? point.y)));
  const margin = (high - low || Math.abs(high) || 1) * 0.07;
  const domain: [number, number] = reversed ? [high + margin, low - margin] : [low - margin, high + margin];
  return { domain, toPx: (value) => height - ((value - domain[0]) / (domain[1] - domain[0])) * height };
}

/** 1-2-5 ticks inside the domain, thinned to at most `limit`. */
export function logTicks([low, high]: readonly [number, number], limit: number): number[] {
  const decades = Array.from(
    { length: Math.ceil(Math.log10(high)) - Math.floor(Math.log10(low)) + 1 },
    (_, at) => 10 ** (Math.floor(Math.log10(low)) + at),
  );
  const inside = (steps: readonly number[]) =>
    decades.flatMap((decade) => steps.map((step) => Number((step * decade).toPrecision(12)))).filter((tick) => tick >= low && tick <= high);
  return [inside([1, 2, 5]), inside([1, 3]), inside([1])].find((ticks) => ticks.length <= limit) ?? inside([1]);
}
