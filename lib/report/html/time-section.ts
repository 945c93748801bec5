/** Where the time went, and what each job used of the machine. */
import { CHART_SIZES } from '../charts/chart-theme.ts';
import { phaseColor, timeChart } from '../charts/time-chart.ts';
import { formatDuration, formatMemory, formatSignificant } from '../format-number.ts';
import type { Report, ReportJob } from '../report-model.ts';
import { phaseRank } from '../time-accounting.ts';
import { createFootnotes } from './footnotes.ts';
import { jobHead } from './job-name.ts';
import { html, type Markup } from './markup.ts';
import { figure, type Section } from './section.ts';
import { columnHead, numberCell, table } from './table.ts';

export async function timeSection(report: Report): Promise<Section> {
  const phases = [...new Set(report.jobs.flatMap((job) => job.time.phases.map(({ phase }) => phase)))].sort(
    (a, b) => phaseRank(a) - phaseRank(b),
  );
  const charts = (await Promise.all(CHART_SIZES.map((size) => timeChart(report, size)))).filter((svg) => svg !== null);
  const legend = html`<ul class="legend">${phases.map((phase) => html`<li><i style="background:${phaseColor(phase)}"></i>${phase}</li>`)}</ul>`;
  const chart = charts.length === 0 ? null : figure(charts, 'Wall time of each job by phase; the table below has the numbers.', legend);
  const body = html`${runSentence(report)}${chart}${phaseTable(report, phases)}${resourceTable(report)}`;
  return { id: 'time', title: 'Time and resources', body };
}

function runSentence(report: Report): Markup {
  const { wallMs, slots, busyMs, idleMs } = report.time;
  if (wallMs === null || idleMs === null) return html`<p>The run is not over. So far its tasks took ${formatDuration(busyMs)}.</p>`;
  return html`<p>${slots === 1 ? 'One job at a time' : `${slots} jobs at a time`}: ${formatDuration(slots * wallMs)} of wall time, ${formatDuration(busyMs)} of it in tasks and ${formatDuration(idleMs)} between them (planning, scoring, reporting${report.run.starts > 1 ? ', and the time until the run was resumed' : ''}).</p>`;
}

function phaseTable(report: Report, phases: readonly string[]): Markup {
  const footnotes = createFootnotes();
  const head = html`${columnHead('Job', null, false)}${columnHead('Wall time')}${phases.map((phase) => columnHead(phase))}${columnHead('Tasks')}`;
  const rows = report.jobs.map((job) => {
    const msOf = new Map(job.time.phases.map(({ phase, ms }) => [phase, ms]));
    const cells = phases.map((phase) => html`<td class="num">${msOf.has(phase) ? formatDuration(msOf.get(phase) ?? null) : ''}</td>`);
    return html`<tr>${jobHead(job)}${numberCell(job.time.wallMs === null ? null : formatDuration(job.time.wallMs), footnotes, 'no task ran')}${cells}<td class="num">${job.time.tasks}</td></tr>`;
  });
  return table('Wall time by phase', head, rows, footnotes);
}

function resourceTable(report: Report): Markup {
  const footnotes = createFootnotes();
  const head = html`${columnHead('Job', null, false)}${columnHead('Task', null, false)}${columnHead('Peak memory', 'at least')}${columnHead('Sampled')}${columnHead('CPU time')}`;
  const rows = report.jobs.flatMap((job) => job.resources.map((use) => html`<tr>${jobHead(job)}${resourceCells(use, footnotes)}</tr>`));
  if (rows.length === 0) return html`<p class="empty">No task ran, so nothing was used.</p>`;
  return table('Resources of the model and evaluator servers', head, rows, footnotes);
}

function resourceCells(use: ReportJob['resources'][number], footnotes: ReturnType<typeof createFootnotes>): Markup {
  const reason = 'the server ended before it could be read';
  return html`<td class="tight">${use.stage}, attempt ${use.attempt}</td>${numberCell(use.peakRssMiB === null ? null : formatMemory(use.peakRssMiB), footnotes, reason)}${numberCell(use.sampleHz === null ? null : `${formatSignificant(use.sampleHz)} Hz`, footnotes, reason)}${numberCell(use.cpuSeconds === null ? null : formatDuration(use.cpuSeconds * 1000), footnotes, reason)}`;
}
