/** The leaderboard as a dot plot: one row a job, the dot its value, the bar its interval; references hollow, below a gap. */
import type { Mark, Spec } from 'vega';
import { leaderboardOrder, metricDecimals, metricTitle, scoreTexts } from '../metric-lookup.ts';
import type { Report } from '../report-model.ts';
import { axis, type ChartSize, chartSvg, FONT_SIZE, ROW_LABEL_SIZE, rowLabels, silent } from './chart-theme.ts';

/** More rows than this do not help the eye; the table has them all. */
export const RANKING_CHART_LIMIT = 30;

interface Row {
  readonly label: string;
  readonly value: number;
  readonly low: number;
  readonly high: number;
  readonly reference: boolean;
  readonly text: string;
  readonly y: number;
}

export async function rankingChart(report: Report, size: ChartSize): Promise<string | null> {
  const narrow = size.name === 'narrow';
  const rows = rowsOf(report, narrow ? 44 : 30);
  if (rows.length < 2) return null;
  const labels = rowLabels(
    rows.map(({ label }) => label),
    size,
  );
  const labelWidth = labels.widthPx;
  const padding = { left: narrow ? 8 : labelWidth, right: 52, top: 6, bottom: 40 };
  const width = size.width - padding.left - padding.right;
  const last = rows.at(-1)?.y ?? 0;
  const height = last + (narrow ? 16 : 18);
  return chartSvg(size, {
    width,
    height,
    padding,
    spec: spec(
      report,
      rows.map((row, at) => ({ ...row, label: labels.texts[at] ?? row.label })),
      width,
      narrow,
      labelWidth,
    ),
  });
}

function rowsOf(report: Report, step: number): Row[] {
  const { ranked, references } = leaderboardOrder(report);
  const entries = new Map(report.ranking.entries.map((entry) => [entry.jobId, entry]));
  let y = step === 44 ? 28 : 16;
  const decimals = metricDecimals(report, report.ranking.metric);
  const rows: Row[] = [];
  for (const job of [...ranked.slice(0, RANKING_CHART_LIMIT), ...references]) {
    const entry = entries.get(job.jobId);
    if (entry === undefined || entry.value === null) continue;
    if (job.model.reference && rows.at(-1)?.reference === false) y += 10;
    rows.push({
      label: job.label,
      value: entry.value,
      low: entry.interval?.low ?? entry.value,
      high: entry.interval?.high ?? entry.value,
      reference: job.model.reference,
      text: scoreTexts(job, report.ranking.metric, decimals).value,
      y,
    });
    y += step;
  }
  return rows;
}

function spec(report: Report, rows: readonly Row[], width: number, narrow: boolean, labelWidth: number): Spec {
  const better = report.ranking.direction === 'lower' ? '← lower is better' : 'higher is better →';
  return {
    data: [{ name: 'rows', values: [...rows] }],
    scales: [{ name: 'x', type: 'linear', domain: domainOf(rows), range: 'width', nice: true, zero: false }],
    axes: [
      axis({
        scale: 'x',
        orient: 'bottom',
        tickCount: narrow ? 5 : 8,
        title: `${metricTitle(report, report.ranking.metric)} (${better})`,
        titlePadding: 8,
      }),
    ],
    marks: marks(width, narrow, labelWidth),
  };
}

/** From zero when that costs little of the width; else what the data needs. */
function domainOf(rows: readonly Row[]): [number, number] {
  const low = Math.min(...rows.map((row) => row.low));
  const high = Math.max(...rows.map((row) => row.high));
  return low >= 0 && low < high * 0.35 ? [0, high] : [low, high];
}

function marks(width: number, narrow: boolean, labelWidth: number): Mark[] {
  const tone = [{ test: 'datum.reference', value: 'var(--reference)' }, { value: 'var(--accent)' }];
  const from = { data: 'rows' };
  const label = narrow ? { x: { value: 0 }, y: { field: 'y', offset: -16 } } : { x: { value: -labelWidth }, y: { field: 'y' } };
  return [
    silent({
      type: 'rule',
      from,
      encode: {
        enter: {
          x: { scale: 'x', field: 'low' },
          x2: { scale: 'x', field: 'high' },
          y: { field: 'y' },
          stroke: tone,
          strokeWidth: { value: 5 },
          strokeOpacity: { value: 0.28 },
          strokeCap: { value: 'round' },
        },
      },
    }),
    silent({
      type: 'symbol',
      from,
      encode: {
        enter: {
          x: { scale: 'x', field: 'value' },
          y: { field: 'y' },
          size: { value: 80 },
          shape: [{ test: 'datum.reference', value: 'diamond' }, { value: 'circle' }],
          fill: [{ test: 'datum.reference', value: 'var(--paper)' }, { value: 'var(--accent)' }],
          stroke: tone,
          strokeWidth: { value: 1.5 },
        },
      },
    }),
    silent({
      type: 'text',
      from,
      encode: {
        enter: {
          ...label,
          text: { field: 'label' },
          align: { value: 'left' },
          baseline: { value: 'middle' },
          fontSize: { value: ROW_LABEL_SIZE },
          fill: [{ test: 'datum.reference', value: 'var(--muted)' }, { value: 'var(--ink)' }],
        },
      },
    }),
    silent({
      type: 'text',
      from,
      encode: {
        enter: {
          x: { value: width + 8 },
          y: { field: 'y' },
          text: { field: 'text' },
          align: { value: 'left' },
          baseline: { value: 'middle' },
          fontSize: { value: FONT_SIZE },
          fill: { value: 'var(--muted)' },
        },
      },
    }),
  ];
}
