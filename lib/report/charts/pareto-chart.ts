/** Quality against latency: whiskers are intervals, the line joins the front, references are hollow. Up and left is better. */
import type { Mark, Spec } from 'vega';
import { metricTitle } from '../metric-lookup.ts';
import type { Report } from '../report-model.ts';
import { axis, type ChartSize, chartSvg, FONT_SIZE, fitText, silent } from './chart-theme.ts';
import { type PlacedLabel, placeLabels } from './label-layout.ts';
import { frontLine, isLog, logTicks, type ParetoPoint, paretoObstacles, type Scale, xScale, yScale } from './pareto-geometry.ts';
import { paretoLabels } from './short-labels.ts';

const LABEL_LIMIT = 30;
const PADDING = { left: 58, right: 14, top: 14, bottom: 46 };

/** The chart of all points, or null when there are fewer than two. */
export async function paretoChart(report: Report, size: ChartSize): Promise<string | null> {
  const { points } = report.pareto;
  if (points.length < 2) return null;
  const padding = PADDING;
  const width = size.width - padding.left - padding.right;
  const height = size.name === 'narrow' ? 320 : 380;
  const log = isLog(points);
  const x = xScale(points, width, log);
  const y = yScale(points, height, report.ranking.direction === 'lower');
  const labels = paretoLabels(report, size);
  const placed = placeLabels(
    labelledPoints(points).map((point) => ({
      id: point.jobId,
      text: labels.get(point.jobId) ?? point.jobId,
      x: x.toPx(point.x),
      y: y.toPx(point.y),
    })),
    paretoObstacles(report, x, y),
    { width, height },
  );
  const ticks = log ? logTicks(x.domain, size.name === 'narrow' ? 5 : 9) : null;
  return chartSvg(size, {
    width,
    height,
    padding,
    spec: spec(report, points, placed, { x, y, log, ticks, tickCount: size.name === 'narrow' ? 4 : 8, heightPx: height }),
  });
}

/** The front and the references first; beyond the limit points stay unlabelled, and the tables name them. */
function labelledPoints(points: readonly ParetoPoint[]): ParetoPoint[] {
  const urgency = (point: ParetoPoint) => Number(point.onFront || point.reference);
  return [...points].sort((a, b) => urgency(b) - urgency(a) || a.x - b.x).slice(0, LABEL_LIMIT);
}

interface Frame {
  readonly x: Scale;
  readonly y: Scale;
  readonly log: boolean;
  readonly ticks: number[] | null;
  readonly tickCount: number;
  readonly heightPx: number;
}

function spec(report: Report, points: readonly ParetoPoint[], placed: readonly PlacedLabel[], frame: Frame): Spec {
  const { x, y, log, ticks, tickCount } = frame;
  const title = `${metricTitle(report, report.pareto.y)} (${report.ranking.direction} is better)`;
  const own = new Map(points.map((point) => [point.jobId, point]));
  const leaders = placed
    .filter(({ leader }) => leader)
    .map((label) => ({ ...label, px: x.toPx(own.get(label.id)?.x ?? 0), py: y.toPx(own.get(label.id)?.y ?? 0) }));
  return {
    data: [
      {
        name: 'points',
        values: points.map((point) => ({
          ...point,
          xLow: point.xInterval?.low ?? point.x,
          xHigh: point.xInterval?.high ?? point.x,
          yLow: point.yInterval?.low ?? point.y,
          yHigh: point.yInterval?.high ?? point.y,
        })),
      },
      { name: 'front', values: frontLine(points, report.ranking.direction === 'lower') },
      { name: 'labels', values: [...placed] },
      { name: 'leaders', values: leaders },
    ],
    signals: [
      {
        name: 'tickText',
        value: Object.fromEntries((ticks ?? []).map((tick) => [String(tick), tick < 1000 ? `${tick} ms` : `${tick / 1000} s`])),
      },
    ],
    scales: [
      { name: 'x', type: log ? 'log' : 'linear', domain: [...x.domain], range: 'width', zero: false, nice: false },
      { name: 'y', type: 'linear', domain: [...y.domain], range: 'height', zero: false, nice: false },
    ],
    axes: [
      axis({
        scale: 'x',
        orient: 'bottom',
        tickCount,
        title: `median latency${log ? ', log scale' : ', ms'} (lower is better)`,
        titlePadding: 10,
        ...(ticks === null ? {} : { values: ticks, encode: { labels: { update: { text: { signal: 'tickText["" + datum.value]' } } } } }),
      }),
      // Placed by hand: Vega takes tick labels for wider than they are and would push the title out of the picture.
      axis({
        scale: 'y',
        orient: 'left',
        tickCount: 6,
        title: fitText(title, frame.heightPx, 11),
        titleX: 12 - PADDING.left,
        titleBaseline: 'bottom',
      }),
    ],
    marks: marks(),
  };
}

function marks(): Mark[] {
  const tone = [
    { test: 'datum.reference', value: 'var(--reference)' },
    { test: 'datum.onFront', value: 'var(--accent)' },
    { value: 'var(--faded)' },
  ];
  const whisker = { stroke: tone, strokeWidth: { value: 1.5 }, strokeOpacity: { value: 0.55 } };
  return [
    silent({
      type: 'line',
      from: { data: 'front' },
      encode: {
        enter: {
          x: { scale: 'x', field: 'x' },
          y: { scale: 'y', field: 'y' },
          stroke: { value: 'var(--accent)' },
          strokeWidth: { value: 1.5 },
          strokeDash: { value: [5, 4] },
          interpolate: { value: 'step-after' },
        },
      },
    }),
    silent({
      type: 'rule',
      from: { data: 'points' },
      encode: {
        enter: { x: { scale: 'x', field: 'x' }, y: { scale: 'y', field: 'yLow' }, y2: { scale: 'y', field: 'yHigh' }, ...whisker },
      },
    }),
    silent({
      type: 'rule',
      from: { data: 'points' },
      encode: {
        enter: { x: { scale: 'x', field: 'xLow' }, x2: { scale: 'x', field: 'xHigh' }, y: { scale: 'y', field: 'y' }, ...whisker },
      },
    }),
    silent({
      type: 'rule',
      from: { data: 'leaders' },
      encode: {
        enter: {
          x: { field: 'px' },
          y: { field: 'py' },
          x2: { field: 'x' },
          y2: { field: 'y' },
          stroke: { value: 'var(--muted)' },
          strokeWidth: { value: 0.75 },
        },
      },
    }),
    silent({
      type: 'symbol',
      from: { data: 'points' },
      encode: {
        enter: {
          x: { scale: 'x', field: 'x' },
          y: { scale: 'y', field: 'y' },
          shape: [{ test: 'datum.reference', value: 'diamond' }, { value: 'circle' }],
          size: { value: 90 },
          fill: [{ test: 'datum.reference', value: 'var(--paper)' }, ...tone.slice(1)],
          stroke: [{ test: 'datum.reference', value: 'var(--reference)' }, { value: 'var(--paper)' }],
          strokeWidth: { value: 1.5 },
        },
      },
    }),
    silent({
      type: 'text',
      from: { data: 'labels' },
      encode: {
        enter: {
          x: { field: 'x' },
          y: { field: 'y' },
          text: { field: 'text' },
          align: { field: 'align' },
          baseline: { value: 'middle' },
          fontSize: { value: FONT_SIZE },
          fill: { value: 'var(--ink)' },
          stroke: { value: 'none' },
        },
      },
    }),
  ];
}
