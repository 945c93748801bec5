/** Latency and throughput of every job: each percentile as measured and as certified, and what was left out of it. */

import { isOpenLoop } from '../../core/load/load-kind.ts';
import type { Percentile } from '../../core/scores.ts';
import { formatDuration, formatSignificant } from '../format-number.ts';
import { loadOfRun } from '../load-text.ts';
import { cpuSeconds, latencyAbsence, throughputOf } from '../metric-lookup.ts';
import type { Report } from '../report-model.ts';
import { createFootnotes, type Footnotes } from './footnotes.ts';
import { jobHead } from './job-name.ts';
import { loadTables } from './load-tables.ts';
import { type Content, html, type Markup } from './markup.ts';
import type { Section } from './section.ts';
import { columnHead, numberCell, table } from './table.ts';

/** Null where nothing was measured. */
export function latencySection(report: Report): Section | null {
  if (report.jobs.every((job) => job.scores?.latency == null)) return null;
  const footnotes = createFootnotes();
  const levels = [...new Set(report.jobs.flatMap((job) => job.scores?.latency?.percentiles.map(({ p }) => p) ?? []))];
  const body = html`${table(`By job; ${loadOfRun(report)}`, headOf(report, levels), rowsOf(report, levels, footnotes), footnotes)}
<p class="note">Empirical percentiles are sorted[floor(n × p)]; beneath, the certified one: an upper bound at 99 % confidence. Failed samples count as infinitely slow, so a percentile among them is censored. ${measuredWords(report)} Throughput counts succeeded samples over active time.</p>
${loadTables(report)}`;
  return { id: 'latency', title: 'Latency and throughput', body };
}

/** From when a latency counts, and which samples have none. */
function measuredWords(report: Report): string {
  const left = hasRamp(report) ? 'Warm-up and ramp are left out' : 'Warm-up is left out';
  if (!report.jobs.some(({ load }) => isOpenLoop(load))) {
    return hasRamp(report) ? 'Warm-up, ramp and retried samples are left out.' : 'Warm-up and retried samples are left out.';
  }
  return `Latency runs from the time at which the schedule wanted a request sent, through all its tries. ${left}.`;
}

function hasRamp(report: Report): boolean {
  return report.jobs.some((job) => job.scores?.latency?.leftOutRamp !== undefined);
}

function headOf(report: Report, levels: readonly number[]): Content {
  const percentiles = levels.map((p) => columnHead(nameOf(p), 'certified beneath'));
  return html`${columnHead('Job', null, false)}${columnHead('n', 'measured')}${columnHead('Retried', 'left out')}${hasRamp(report) ? columnHead('Ramp', 'left out') : null}${columnHead('Mean')}${percentiles}${columnHead('Server', 'median, its own')}${columnHead('Throughput', 'samples/s')}${columnHead('CPU', 'seconds')}`;
}

function nameOf(p: number): string {
  return `p${Number((p * 100).toFixed(2))}`;
}

function rowsOf(report: Report, levels: readonly number[], footnotes: Footnotes): Markup[] {
  return report.jobs.map((job) => {
    const latency = job.scores?.latency ?? null;
    const none = latencyAbsence(job);
    const percentiles = levels.map((level) =>
      percentileCell(
        latency?.percentiles.find(({ p }) => p === level),
        footnotes,
        none,
      ),
    );
    const server = latency?.serverGenerateMsMedian ?? null;
    const noMean = latency !== null && latency.failedAsInfinite > 0 ? 'failed samples have no finite latency' : none;
    return html`<tr>${jobHead(job)}<td class="num">${latency?.n ?? 0}</td><td class="num">${latency?.leftOutRetried ?? 0}</td>${hasRamp(report) ? html`<td class="num">${latency?.leftOutRamp ?? 0}</td>` : null}${numberCell(durationOrNull(latency?.mean ?? null), footnotes, noMean)}${percentiles}${numberCell(durationOrNull(server), footnotes, 'the server does not tell its own times')}${numberCell(significantOrNull(throughputOf(job)), footnotes, latency?.throughputReason ?? 'no time passed between answers')}${numberCell(significantOrNull(cpuSeconds(job)), footnotes, 'no CPU time was read')}</tr>`;
  });
}

function percentileCell(percentile: Percentile | undefined, footnotes: Footnotes, none: string): Markup {
  const empirical = durationOrNull(percentile?.empirical ?? null);
  if (empirical === null) return numberCell(null, footnotes, percentile?.empiricalReason ?? none);
  const certified = durationOrNull(percentile?.certified ?? null);
  const beneath = certified === null ? footnotes.absent(percentile?.certifiedReason ?? none) : certified;
  return html`<td class="num">${empirical}<small>${beneath}</small></td>`;
}

function durationOrNull(ms: number | null): string | null {
  return ms === null ? null : formatDuration(ms);
}

function significantOrNull(value: number | null): string | null {
  return value === null ? null : formatSignificant(value);
}
