/** The leaderboard for a terminal: fits the width it is given, drops the least important columns first. Ends `bakeoff run`. */
import { compositeFacts } from './composite-facts.ts';
import { countNoun } from '../core/count-noun.ts';
import { formatDuration, formatRankRange, formatSignificant } from './format-number.ts';
import { scheduleText, shareText } from './load-text.ts';
import { leftOutRetried } from './load-warnings.ts';
import {
  absenceReason,
  coverageText,
  isOffline,
  leaderboardOrder,
  metricDecimals,
  NO_METRIC,
  percentileOf,
  scoreTexts,
  someHave,
  throughputOf,
  ttftMedianOf,
} from './metric-lookup.ts';
import type { Report, ReportJob } from './report-model.ts';
import { visibleLine } from './safe-text.ts';

export interface TerminalOptions {
  readonly columns: number;
  /** ANSI colours; off for pipes and for NO_COLOR. */
  readonly color: boolean;
}

interface Column {
  readonly title: string;
  readonly align: 'left' | 'right';
  /** Columns of the lowest priority go first when the terminal is narrow. */
  readonly priority: number;
  readonly cell: (job: ReportJob) => string;
}

type Style = 'bold' | 'dim' | 'red' | 'plain';
const CODES: Record<Style, string> = { bold: '1', dim: '2', red: '31', plain: '' };
const GAP = '  ';
const LABEL_MIN = 12;

export function renderTerminal(report: Report, options: TerminalOptions): string {
  const width = Math.max(30, Math.min(options.columns, 140));
  const { ranked, unranked, references } = leaderboardOrder(report);
  const jobs = [...ranked, ...unranked, ...references];
  const columns = fitColumns(columnsOf(report), jobs, width);
  const paint = (text: string, style: Style) => (options.color && style !== 'plain' ? `\u001b[${CODES[style]}m${text}\u001b[0m` : text);
  const line = (job: ReportJob) => paint(rowText(columns, job), styleOf(job, ranked));
  const metric = report.ranking.metric === NO_METRIC ? 'not ranked' : `${report.ranking.metric}, ${report.ranking.direction} is better`;
  const lines = [
    paint(clip(`${visibleLine(report.run.name)}: ${metric}`, width), 'bold'),
    paint(headText(columns), 'dim'),
    ...ranked.map(line),
    ...unranked.map(line),
    ...(references.length === 0 ? [] : [paint('references, never ranked', 'dim'), ...references.map(line)]),
    ...(report.ranking.metric === NO_METRIC ? [] : unranked).flatMap((job) =>
      wrap(`${job.label}: ${absenceReason(job, report.ranking.metric)}`, width).map((text) => paint(text, 'red')),
    ),
    ...[...scheduleLines(jobs, width), ...retriedLines(jobs, width)].map((text) => paint(text, 'red')),
    ...wrap(report.verdict.headline, width),
    ...(report.ranking.comparisons.length === 0 ? [] : wrap(report.ranking.correction, width).map((text) => paint(text, 'dim'))),
    ...compositeLines(report, width).map((text) => paint(text, 'dim')),
    ...(columns.some(({ title }) => title === 'p90*')
      ? [paint(`* certified at 99 % confidence${jobs.some(isP90Certified) ? '' : ': none is; the report says why'}`, 'dim')]
      : []),
  ];
  return `${lines.join('\n')}\n`;
}

/** Formula, version and inputs of the composite, and what each job's total is made of. */
function compositeLines(report: Report, width: number): string[] {
  const composite = compositeFacts(report);
  if (composite === null) return [];
  const { facts, inputs, jobs } = composite;
  const [, ...names] = jobs.head;
  const texts = [
    ...facts.map(([name, text]) => `${name.toLowerCase()}: ${text}`),
    ...inputs.rows.map((cells) => `input: ${inputs.head.map((name, at) => inWords(name.toLowerCase(), cells[at] ?? '')).join(', ')}`),
    ...(names.length < 2
      ? []
      : jobs.rows.map(
          ([label, ...cells]) => `${label}: ${names.map((name, at) => `${name.toLowerCase()} ${cells[at] ?? ''}`).join(', ')}`,
        )),
  ];
  return texts.flatMap((text) => wrap(text, width));
}

function columnsOf(report: Report): Column[] {
  const { metric } = report.ranking;
  const entries = new Map(report.ranking.entries.map((entry) => [entry.jobId, entry]));
  const decimals = metricDecimals(report, metric);
  const scores: Column[] = [
    { title: 'score', align: 'right', priority: 9, cell: (job) => scoreTexts(job, metric, decimals).value },
    { title: 'interval', align: 'left', priority: 5, cell: (job) => scoreTexts(job, metric, decimals).interval },
  ];
  return [
    { title: 'rank', align: 'right', priority: 8, cell: (job) => formatRankRange(entries.get(job.jobId)?.rankRange ?? null) },
    { title: 'job', align: 'left', priority: 10, cell: (job) => job.label },
    ...(metric === NO_METRIC ? [] : scores),
    ...(report.jobs.some(isOffline) ? [THROUGHPUT] : LATENCIES),
    ...(someHave(report, 'goodput') ? [GOODPUT] : []),
    ...(someHave(report, 'stream') ? STREAMS : []),
    { title: 'samples', align: 'right', priority: 4, cell: (job) => coverageText(job.scores) },
  ];
}

const LATENCIES: readonly Column[] = [
  { title: 'p50', align: 'right', priority: 6, cell: (job) => formatDuration(percentileOf(job, 0.5)?.empirical ?? null) },
  { title: 'p90*', align: 'right', priority: 3, cell: (job) => formatDuration(percentileOf(job, 0.9)?.certified ?? null) },
];

const THROUGHPUT: Column = { title: 'samples/s', align: 'right', priority: 6, cell: (job) => formatSignificant(throughputOf(job)) };

/** The share of samples that met the objectives. */
const GOODPUT: Column = {
  title: 'goodput',
  align: 'right',
  priority: 7,
  cell: (job) => shareText(job.scores?.latency?.goodput?.share ?? null) ?? '—',
};

const STREAMS: readonly Column[] = [
  { title: 'ttft', align: 'right', priority: 6, cell: (job) => formatDuration(ttftMedianOf(job)) },
  {
    title: 'tokens/s',
    align: 'right',
    priority: 5,
    cell: (job) => formatSignificant(job.scores?.latency?.stream?.tokensPerSecond ?? null),
  },
];

/** What a reader of the numbers above must not miss. */
function scheduleLines(jobs: readonly ReportJob[], width: number): string[] {
  return jobs.flatMap((job) => {
    const schedule = job.scores?.latency?.schedule;
    return schedule === undefined || schedule.kept ? [] : wrap(`${job.label}: schedule ${scheduleText(schedule)}`, width);
  });
}

function retriedLines(jobs: readonly ReportJob[], width: number): string[] {
  return jobs.flatMap((job) => {
    const count = leftOutRetried(job);
    const text = `${job.label}: ${countNoun(count, 'answer')} took another try; latencies and goodput leave ${count === 1 ? 'it' : 'them'} out`;
    return count === 0 ? [] : wrap(text, width);
  });
}

function isP90Certified(job: ReportJob): boolean {
  return percentileOf(job, 0.9)?.certified != null;
}

interface FittedColumn extends Column {
  readonly width: number;
}

/** Drops columns until the rest fits with a label of at least LABEL_MIN; the label takes what remains. */
function fitColumns(columns: readonly Column[], jobs: readonly ReportJob[], width: number): FittedColumn[] {
  const fitted = columns.map((column) => ({
    ...column,
    width: Math.max(column.title.length, ...jobs.map((job) => textWidth(column.cell(job)))),
  }));
  const label = fitted.find(({ title }) => title === 'job');
  const excess = fitted.reduce((sum, column) => sum + column.width, 0) + GAP.length * (fitted.length - 1) - width;
  if (excess <= 0 || label === undefined) return fitted;
  const narrower = Math.max(Math.min(LABEL_MIN, label.width), label.width - excess);
  if (label.width - narrower >= excess && narrower >= Math.min(label.width, 24)) {
    return fitted.map((column) => (column === label ? { ...column, width: narrower } : column));
  }
  const dispensable = fitted.filter(({ priority }) => priority < 8).sort((a, b) => a.priority - b.priority)[0];
  if (dispensable !== undefined)
    return fitColumns(
      columns.filter(({ title }) => title !== dispensable.title),
      jobs,
      width,
    );
  return fitted.map((column) => (column === label ? { ...column, width: narrower } : column));
}

function headText(columns: readonly FittedColumn[]): string {
  return columns
    .map((column) => pad(column.title, column))
    .join(GAP)
    .trimEnd();
}

function rowText(columns: readonly FittedColumn[], job: ReportJob): string {
  return columns
    .map((column) => pad(column.cell(job), column))
    .join(GAP)
    .trimEnd();
}

function pad(text: string, column: FittedColumn): string {
  const shown = column.title === 'job' ? clipMiddle(text, column.width) : clip(text, column.width);
  const space = ' '.repeat(Math.max(0, column.width - textWidth(shown)));
  return column.align === 'right' ? space + shown : shown + space;
}

function styleOf(job: ReportJob, ranked: readonly ReportJob[]): Style {
  if (job.model.reference) return 'dim';
  if (!ranked.includes(job)) return 'red';
  return job === ranked[0] ? 'bold' : 'plain';
}

/** Columns that text takes: wide East Asian characters take two, combining marks none. */
function textWidth(text: string): number {
  let width = 0;
  for (const character of text)
    width += /\p{M}/u.test(character)
      ? 0
      : /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\u{1f300}-\u{1faff}]/u.test(character)
        ? 2
        : 1;
  return width;
}

function clip(text: string, width: number): string {
  if (textWidth(text) <= width) return text;
  let shown = '';
  for (const character of text) {
    if (textWidth(shown + character) > width - 1) break;
    shown += character;
  }
  return `${shown}…`;
}

/** Labels of siblings differ at their end: the middle goes. */
function clipMiddle(text: string, width: number): string {
  if (textWidth(text) <= width) return text;
  const characters = [...text];
  const tail = characters.slice(-Math.floor((width - 1) / 2)).join('');
  return `${clip(text, Math.max(1, width - textWidth(tail)))}${tail}`;
}

function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let current = '';
  for (const word of visibleLine(text).split(' ')) {
    const longer = current === '' ? word : `${current} ${word}`;
    if (textWidth(longer) <= width) current = longer;
    else {
      if (current !== '') lines.push(current);
      current = clip(word, width);
    }
  }
  return current === '' ? lines : [...lines, current];
}

/** `weight 0.7`, but `0 counts as 0`. */
function inWords(name: string, cell: string): string {
  return name.startsWith('counts') ? `${cell} ${name}` : `${name} ${cell}`;
}
