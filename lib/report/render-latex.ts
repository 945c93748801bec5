/**
 * `report.tex`: the leaderboard and the latencies as tables for a paper, to be brought in by \input. Needs the package booktabs alone. The
 * captions say what a reader must know to believe the numbers; the comments at the top, what it takes to find them again.
 */
import { formatDuration, formatInstant, formatInterval, formatRankRange, formatSignificant, formatValue } from './format-number.ts';
import { latexComment, latexText } from './latex-text.ts';
import {
  coverageText,
  isOffline,
  leaderboardOrder,
  metricDecimals,
  metricInfoOf,
  metricNames,
  metricTitle,
  percentileOf,
  scoreOf,
  throughputOf,
} from './metric-lookup.ts';
import type { Report, ReportJob } from './report-model.ts';

/** More do not fit onto a page's width. */
const MOST_METRICS = 4;
const HEAD_CHARACTERS = 14;

export function renderLatex(report: Report): string {
  const parts = [comments(report), leaderboard(report), latencies(report)];
  return `${parts.filter((part) => part !== null).join('\n\n')}\n`;
}

function comments({ run, suite, jobs }: Report): string {
  return [
    'Needs \\usepackage{booktabs}.',
    `run ${run.runId}, ${run.state}, ${formatInstant(run.createdAtMs)}; Bakeoff ${run.softwareVersion}; spec sha256 ${run.specSha256}`,
    `suite ${suite.id} ${suite.version}, sha256 ${suite.digest}`,
    ...jobs.map(({ label, model }) => `${label}: ${model.id} ${model.version}, sha256 ${model.digest}`),
  ]
    .map(latexComment)
    .join('\n');
}

function leaderboard(report: Report): string {
  const { ranked, unranked, references } = leaderboardOrder(report);
  const metrics = metricNames(report).ranked.slice(0, MOST_METRICS);
  const head = ['', 'Model', ...metrics.map((metric) => `${stacked(metricTitle(report, metric))}${arrow(report, metric)}`), 'Samples'];
  const rowsOf = (job: ReportJob): string[][] => {
    const cells = metrics.map((metric) => scoreCells(report, job, metric));
    const values = [latexText(rankOf(report, job)), latexText(job.label), ...cells.map(({ value }) => value)];
    const intervals = ['', '', ...cells.map(({ interval }) => interval), ''];
    const row = [...values, latexText(coverageText(job.scores))];
    return intervals.every((cell) => cell === '') ? [row] : [row, intervals];
  };
  const layout = {
    columns: `rl${'r'.repeat(metrics.length + 1)}`,
    caption: leaderboardCaption(report),
    label: `tab:${report.run.runId}-scores`,
  };
  return table(layout, head, [[...ranked, ...unranked].flatMap(rowsOf), references.flatMap(rowsOf)]);
}

function rankOf({ ranking }: Report, { jobId, model }: ReportJob): string {
  if (model.reference) return 'ref.';
  return formatRankRange(ranking.entries.find((entry) => entry.jobId === jobId)?.rankRange ?? null);
}

/** A title in lines of a word or two: heads are what makes columns wide. */
function stacked(title: string): string {
  const lines: string[] = [];
  for (const word of title.split(' ')) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + word.length < HEAD_CHARACTERS) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines.length === 1 ? latexText(title) : `\\shortstack[r]{${lines.map(latexText).join('\\\\')}}`;
}

/** Which way is better. */
function arrow(report: Report, metric: string): string {
  const direction = metricInfoOf(report, metric)?.direction;
  return direction === 'higher' ? ' $\\uparrow$' : direction === 'lower' ? ' $\\downarrow$' : '';
}

/** A value, and its interval for the line below; empty where there is none. */
function scoreCells(report: Report, job: ReportJob, metric: string): { readonly value: string; readonly interval: string } {
  const score = scoreOf(job, metric);
  const decimals = metricDecimals(report, metric);
  const interval = formatInterval(score?.value ?? null, score?.interval ?? null, decimals);
  return {
    value: latexText(formatValue(score?.value ?? null, score?.interval, decimals)),
    interval: interval === '' ? '' : `{\\scriptsize ${latexText(interval)}}`,
  };
}

function leaderboardCaption(report: Report): string {
  const { run, suite, ranking } = report;
  const confidences = report.jobs.flatMap((job) => job.scores?.metrics.flatMap(({ interval }) => interval?.confidence ?? []) ?? []);
  const [confidence] = confidences;
  const intervals = confidence === undefined ? '' : ` Brackets: ${Number((confidence * 100).toFixed(4))} % intervals.`;
  return latexText(
    `${run.name}: suite ${suite.id} ${suite.version}, ${suite.itemCount} items x ${suite.repeats}. Ranked by ${metricTitle(report, ranking.metric)}; ` +
      `a range of places is what the comparisons allow (${ranking.correction}).${intervals} Samples: answered of planned.`,
  );
}

/** Null where nothing was timed. */
function latencies(report: Report): string | null {
  const timed = report.jobs.filter(({ scores }) => scores?.latency != null);
  if (timed.length === 0) return null;
  const offline = report.jobs.some(isOffline);
  const head = ['Model', ...(offline ? [] : ['p50', 'p90', 'p90 cert.', 'p99 cert.']), 'Samples/s', 'n'];
  const rows = timed.map((job) => [
    latexText(job.label),
    ...(offline ? [] : percentileCells(job)),
    latexText(formatSignificant(throughputOf(job))),
    String(job.scores?.latency?.n ?? 0),
  ]);
  const caption = offline
    ? 'Throughput under offline load, over active time.'
    : 'Latency, failed samples counted as infinitely slow. p50 and p90 are empirical; certified ones (cert.) are not exceeded with 99 % confidence.';
  const layout = { columns: `l${'r'.repeat(head.length - 1)}`, caption: latexText(caption), label: `tab:${report.run.runId}-latency` };
  return table(layout, head.map(latexText), [rows]);
}

function percentileCells(job: ReportJob): string[] {
  return [
    percentileOf(job, 0.5)?.empirical,
    percentileOf(job, 0.9)?.empirical,
    percentileOf(job, 0.9)?.certified,
    percentileOf(job, 0.99)?.certified,
  ].map((latencyMs) => latexText(formatDuration(latencyMs ?? null)));
}

interface Layout {
  readonly columns: string;
  /** LaTeX, as the cells. */
  readonly caption: string;
  readonly label: string;
}

/** Groups of rows are parted by a rule; empty ones are left out. */
function table({ columns, caption, label }: Layout, head: readonly string[], groups: readonly (readonly string[][])[]): string {
  const line = (cells: readonly string[]): string => `${cells.join(' & ')} \\\\`;
  const body = groups.filter((rows) => rows.length > 0).map((rows) => rows.map(line).join('\n'));
  return [
    '\\begin{table}',
    '\\centering\\small',
    `\\caption{${caption}}\\medskip`,
    `\\label{${label}}`,
    `\\begin{tabular}{@{}${columns}@{}}`,
    '\\toprule',
    line(head),
    '\\midrule',
    body.join('\n\\midrule\n'),
    '\\bottomrule',
    '\\end{tabular}',
    '\\end{table}',
  ].join('\n');
}
