/** What a load adds to latencies, as a section of `report.md`: schedule, goodput, streams. Called by render-markdown.ts. */
import type { LatencyScore, StreamScore } from '../core/scores.ts';
import { formatDuration, formatFixed, formatSignificant } from './format-number.ts';
import { loadText, objectivesText, scheduleText, shareText, tokensText } from './load-text.ts';
import { table } from './markdown-text.ts';
import { someHave } from './metric-lookup.ts';
import type { Report, ReportJob } from './report-model.ts';

/** Null where no load asks for more than latencies. */
export function loadSection(report: Report): string | null {
  const has = { schedule: someHave(report, 'schedule'), goodput: someHave(report, 'goodput'), stream: someHave(report, 'stream') };
  if (!has.schedule && !has.goodput && !has.stream) return null;
  const head = [
    ...['Job', 'Load'],
    ...(has.schedule ? ['Schedule', 'Lag p99'] : []),
    ...(has.goodput ? [`Goodput${objectives(report)}`, 'per second'] : []),
    ...(has.stream ? ['TTFT p50', 'TTFT p99', 'Gap p50', 'Gap p99', 'Tokens/s', 'Tokens'] : []),
  ];
  const rows = report.jobs.map((job) => [job.label, loadText(job), ...cellsOf(job, has)]);
  return `## Load\n\n${table(head, rows)}`;
}

function objectives(report: Report): string {
  const goodput = report.jobs.map((job) => job.scores?.latency?.goodput).find((found) => found !== undefined);
  return goodput === undefined ? '' : `: ${objectivesText(goodput)}`;
}

function cellsOf(job: ReportJob, has: Readonly<Record<'schedule' | 'goodput' | 'stream', boolean>>): string[] {
  const latency = job.scores?.latency ?? null;
  return [
    ...(has.schedule ? scheduleCells(latency) : []),
    ...(has.goodput ? goodputCells(latency) : []),
    ...(has.stream ? streamCells(latency?.stream) : []),
  ];
}

function scheduleCells(latency: LatencyScore | null): string[] {
  const schedule = latency?.schedule;
  return schedule === undefined ? ['—', '—'] : [scheduleText(schedule), formatDuration(schedule.lagP99Ms)];
}

function goodputCells(latency: LatencyScore | null): string[] {
  const { share = null, shareInterval = null, perSecond = null, reason = null } = latency?.goodput ?? {};
  const interval = shareInterval === null ? '' : ` [${shareText(shareInterval.low)}, ${shareText(shareInterval.high)}]`;
  const shown = shareText(share);
  return [shown === null ? `—${reason === null ? '' : ` (${reason})`}` : `${shown}${interval}`, formatSignificant(perSecond)];
}

function streamCells(stream: StreamScore | undefined): string[] {
  if (stream === undefined) return ['—', '—', '—', '—', '—', '—'];
  const at = (percentiles: StreamScore['ttft']['percentiles'], level: number): string =>
    formatDuration(percentiles.find(({ p }) => p === level)?.empirical ?? null);
  const ttft = [0.5, 0.99].map((level) => at(stream.ttft.percentiles, level));
  const gaps = [0.5, 0.99].map((level) => at(stream.gaps.percentiles, level));
  return [...ttft, ...gaps, formatSignificant(stream.tokensPerSecond), `${formatFixed(stream.tokens, 0)}, ${tokensText(stream)}`];
}
