/** What a load adds to latencies: how its schedule was kept, goodput, streams. Shown by latency-section.ts for jobs that have it. */
import { UNCOUNTED } from '../../core/latency/load-figures.ts';
import type { GoodputScore, Percentile, ScheduleScore, StreamScore } from '../../core/scores.ts';
import { formatDuration, formatFixed, formatSignificant } from '../format-number.ts';
import { objectivesText, scheduleText, shareText, tokensText } from '../load-text.ts';
import type { Report, ReportJob } from '../report-model.ts';
import { createFootnotes, type Footnotes } from './footnotes.ts';
import { jobHead } from './job-name.ts';
import { type Content, html, type Markup } from './markup.ts';
import { columnHead, numberCell, table } from './table.ts';

export function loadTables(report: Report): Content[] {
  return [scheduleTable(report), goodputTable(report), streamTable(report)];
}

/** The jobs that have a part of the latency score, with it. */
function having<T>(report: Report, part: (job: ReportJob) => T | undefined): { readonly job: ReportJob; readonly value: T }[] {
  return report.jobs.flatMap((job) => {
    const value = part(job);
    return value === undefined ? [] : [{ job, value }];
  });
}

function scheduleTable(report: Report): Markup | null {
  const jobs = having(report, (job) => job.scores?.latency?.schedule);
  if (jobs.length === 0) return null;
  const footnotes = createFootnotes();
  const head = html`${columnHead('Job', null, false)}${columnHead('Offered', 'requests/s')}${columnHead('Sent', 'by the schedule')}${columnHead('Held', 'at the client')}${columnHead('Lag p50')}${columnHead('Lag p99')}${columnHead('Lag max')}${columnHead('Schedule', null, false)}`;
  const rows = jobs.map(({ job, value }) => scheduleRow(job, value, footnotes));
  return html`<h3>Schedule</h3>${table('Requests and when they were sent', head, rows, footnotes)}
<p class="note">Lag is how late a request was first sent. A schedule is kept when the p99 of the lag is at most 2 ms, or 1 % of the median latency where that is more, every arrival was sent and none was held back. Nothing is certified of a schedule that was not kept.${labelsNote(jobs.flatMap(({ value }) => value.seedLabel ?? []))}</p>`;
}

function labelsNote(labels: readonly string[]): Markup | null {
  const [label] = labels;
  return label === undefined ? null : html` Drawn from the seed <code>${label}</code>, equal for all jobs.`;
}

function scheduleRow(job: ReportJob, schedule: ScheduleScore, footnotes: Footnotes): Markup {
  const lags = [schedule.lagMedianMs, schedule.lagP99Ms, schedule.lagMaxMs];
  const sent = schedule.sent === schedule.arrivals ? schedule.sent : `${schedule.sent} of ${schedule.arrivals}`;
  return html`<tr>${jobHead(job)}${numberCell(significantOrNull(schedule.offeredPerSecond), footnotes, 'one request has no rate')}<td class="num">${sent}</td><td class="num${schedule.held > 0 ? ' bad' : ''}">${schedule.held}</td>${lags.map((lag) => numberCell(durationOrNull(lag), footnotes, 'no request was sent'))}<td class="${schedule.kept ? 'cause' : 'cause bad'}">${scheduleText(schedule)}</td></tr>`;
}

function goodputTable(report: Report): Markup | null {
  const jobs = having(report, (job) => job.scores?.latency?.goodput);
  const [first] = jobs;
  if (first === undefined) return null;
  const footnotes = createFootnotes();
  const head = html`${columnHead('Job', null, false)}${columnHead('Met', 'of measured')}${columnHead('Share', 'of samples')}${columnHead('Goodput', 'samples/s')}`;
  const rows = jobs.map(({ job, value }) => goodputRow(job, value, footnotes));
  return html`<h3>Goodput</h3>${table(`Samples with ${objectivesText(first.value)}`, head, rows, footnotes)}
<p class="note">A sample counts when it meets every objective; a failed one meets none.</p>`;
}

function goodputRow(job: ReportJob, goodput: GoodputScore, footnotes: Footnotes): Markup {
  const shown =
    goodput.share === null
      ? numberCell(null, footnotes, goodput.reason)
      : html`<td class="num">${shareText(goodput.share)}${boundsOf(goodput, footnotes)}</td>`;
  return html`<tr>${jobHead(job)}<td class="num">${goodput.met} of ${goodput.n}</td>${shown}${numberCell(significantOrNull(goodput.perSecond), footnotes, goodput.reason)}</tr>`;
}

function boundsOf({ shareInterval, shareIntervalReason }: GoodputScore, footnotes: Footnotes): Markup | string {
  return shareInterval === null
    ? footnotes.mark(`no interval: ${shareIntervalReason ?? 'not measured'}`)
    : html`<small>[${shareText(shareInterval.low)}, ${shareText(shareInterval.high)}]</small>`;
}

const TTFT_LEVELS = [0.5, 0.9, 0.99];
const GAP_LEVELS = [0.5, 0.99];

function streamTable(report: Report): Markup | null {
  const jobs = having(report, (job) => job.scores?.latency?.stream);
  if (jobs.length === 0) return null;
  const footnotes = createFootnotes();
  const head = html`${columnHead('Job', null, false)}${TTFT_LEVELS.map((p) => columnHead(`TTFT ${levelName(p)}`, 'certified beneath'))}${GAP_LEVELS.map((p) => columnHead(`Gap ${levelName(p)}`))}${columnHead('Gap max')}${columnHead('Tokens/s', 'whole job')}${columnHead('Tokens/s', 'median answer')}${columnHead('Tokens', null, false)}`;
  const rows = jobs.map(({ job, value }) => streamRow(job, value, footnotes));
  return html`<h3>Streaming</h3>${table('First pieces, gaps and tokens', head, rows, footnotes)}
<p class="note">TTFT runs to the first piece of the answer, from sending in closed loop and from the scheduled time in open loop; failed samples count as infinitely slow. Gaps are those between all pieces of all answers, never certified, because gaps of one answer depend on each other.</p>`;
}

function levelName(p: number): string {
  return `p${Number((p * 100).toFixed(2))}`;
}

function streamRow(job: ReportJob, stream: StreamScore, footnotes: Footnotes): Markup {
  const ttft = TTFT_LEVELS.map((p) => certifiedCell(at(stream.ttft.percentiles, p), footnotes));
  const gaps = GAP_LEVELS.map((p) => gapCell(at(stream.gaps.percentiles, p), footnotes));
  const gapMax = numberCell(durationOrNull(stream.gaps.maxMs), footnotes, NO_GAP);
  const rate = numberCell(significantOrNull(stream.tokensPerSecond), footnotes, noRate(job, stream));
  const ofAnswer = numberCell(significantOrNull(stream.tokensPerSecondOfAnswerMedian), footnotes, NO_GAP);
  return html`<tr>${jobHead(job)}${ttft}${gaps}${gapMax}${rate}${ofAnswer}<td class="cause">${formatFixed(stream.tokens, 0)}, ${tokensText(stream)}${gapsNote(stream)}</td></tr>`;
}

function noRate({ scores }: ReportJob, { answersUncounted }: StreamScore): string {
  return answersUncounted > 0 ? UNCOUNTED : (scores?.latency?.throughputReason ?? 'no time passed between answers');
}

const NO_GAP = 'no answer came in more than one piece';

/** How the order of gaps was made, where it is not simply all of them. */
function gapsNote({ gaps, pieces }: StreamScore): Markup {
  const method = gaps.method === 'exact' ? '' : `; gaps: ${gaps.method}`;
  const leftOut = gaps.leftOut === 0 ? '' : `; ${formatFixed(gaps.leftOut, 0)} gaps were not recorded`;
  return html`<small>${formatFixed(pieces, 0)} pieces${method}${leftOut}</small>`;
}

function at(percentiles: readonly Percentile[], level: number): Percentile | undefined {
  return percentiles.find(({ p }) => p === level);
}

function certifiedCell(percentile: Percentile | undefined, footnotes: Footnotes): Markup {
  const empirical = durationOrNull(percentile?.empirical ?? null);
  if (empirical === null) return numberCell(null, footnotes, percentile?.empiricalReason ?? 'offline load has no percentiles');
  const certified = durationOrNull(percentile?.certified ?? null);
  return html`<td class="num">${empirical}<small>${certified ?? footnotes.absent(percentile?.certifiedReason ?? null)}</small></td>`;
}

function gapCell(percentile: Percentile | undefined, footnotes: Footnotes): Markup {
  return numberCell(durationOrNull(percentile?.empirical ?? null), footnotes, percentile?.empiricalReason ?? NO_GAP);
}

function durationOrNull(ms: number | null): string | null {
  return ms === null ? null : formatDuration(ms);
}

function significantOrNull(value: number | null): string | null {
  return value === null ? null : formatSignificant(value);
}
