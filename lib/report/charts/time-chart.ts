/** Where each job's wall time went: one stacked bar a job, phases in the order in which they happen. */
import type { Spec } from 'vega';
import type { Report, ReportJob } from '../report-model.ts';
import { PHASE_ORDER, phaseRank } from '../time-accounting.ts';
import { axis, type ChartSize, chartSvg, ROW_LABEL_SIZE, rowLabels, silent } from './chart-theme.ts';

const TIME_CHART_LIMIT = 30;

/** The CSS variable of a phase's colour; phases beyond the palette share the last. */
export function phaseColor(phase: string): string {
  return `var(--phase-${Math.min(phaseRank(phase), PHASE_ORDER.length - 1)})`;
}

export async function timeChart(report: Report, size: ChartSize): Promise<string | null> {
  const jobs = report.jobs.filter((job) => job.time.phases.length > 0).slice(0, TIME_CHART_LIMIT);
  if (jobs.length === 0) return null;
  const narrow = size.name === 'narrow';
  const step = narrow ? 44 : 30;
  const labels = rowLabels(
    jobs.map(({ label }) => label),
    size,
  );
  const padding = { left: narrow ? 8 : labels.widthPx, right: 24, top: 6, bottom: 40 };
  const width = size.width - padding.left - padding.right;
  const height = jobs.length * step;
  return chartSvg(size, { width, height, padding, spec: spec(jobs, step, narrow, labels) });
}

function spec(jobs: readonly ReportJob[], step: number, narrow: boolean, row: { widthPx: number; texts: string[] }): Spec {
  const top = (at: number) => at * step + (narrow ? 20 : 6);
  const longest = Math.max(...jobs.map((job) => job.time.wallMs ?? 0));
  const minutes = longest > 180_000;
  const unitMs = minutes ? 60_000 : 1000;
  const bars = jobs.flatMap((job, at) => segments(job, unitMs).map((segment) => ({ ...segment, y: top(at) })));
  const labels = jobs.map((job, at) => ({ text: row.texts[at] ?? job.label, y: narrow ? top(at) - 9 : top(at) + 9 }));
  return {
    data: [
      { name: 'bars', values: bars },
      { name: 'labels', values: labels },
    ],
    scales: [{ name: 'x', type: 'linear', domain: [0, longest / unitMs], range: 'width', nice: true, zero: true }],
    axes: [
      axis({
        scale: 'x',
        orient: 'bottom',
        tickCount: narrow ? 5 : 8,
        title: minutes ? 'wall time, minutes' : 'wall time, seconds',
        titlePadding: 8,
      }),
    ],
    marks: [
      silent({
        type: 'rect',
        from: { data: 'bars' },
        encode: {
          enter: {
            x: { scale: 'x', field: 'start' },
            x2: { scale: 'x', field: 'end' },
            y: { field: 'y' },
            height: { value: 18 },
            fill: { field: 'color' },
            stroke: { value: 'var(--paper)' },
            strokeWidth: { value: 1 },
          },
        },
      }),
      silent({
        type: 'text',
        from: { data: 'labels' },
        encode: {
          enter: {
            x: { value: -row.widthPx },
            y: { field: 'y' },
            text: { field: 'text' },
            align: { value: 'left' },
            baseline: { value: 'middle' },
            fontSize: { value: ROW_LABEL_SIZE },
            fill: { value: 'var(--ink)' },
          },
        },
      }),
    ],
  };
}

function segments(job: ReportJob, unitMs: number): Array<{ start: number; end: number; color: string }> {
  let start = 0;
  return job.time.phases.map(({ phase, ms }) => {
    const segment = { start, end: start + ms / unitMs, color: phaseColor(phase) };
    start = segment.end;
    return segment;
  });
}
