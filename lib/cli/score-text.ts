/** `bakeoff score text FILE --metric NAME`: one metric of texts over anybody's rows, with its interval and all its settings. */
import { BakeoffError } from '../core/errors.ts';
import { type ScoredRow, scoreTexts, type TextScore } from '../core/text/score-texts.ts';
import { TEXT_METRIC_NAMES, textMetric } from '../core/text/text-metrics.ts';
import type { CommonOptions, ExitCode, VerbIo } from './io.ts';
import { readText } from './read-text.ts';
import { alignColumns, safeText, wrapText } from './wrap-text.ts';

/** Rows that are written at a time. */
const BATCH = 1000;

export async function scoreTextVerb(
  args: readonly string[],
  options: CommonOptions & Record<string, unknown>,
  io: VerbIo,
): Promise<ExitCode> {
  const [file = ''] = args;
  if (typeof options.metric !== 'string') {
    const remedy = `Give --metric ${TEXT_METRIC_NAMES.join(', ')}.`;
    throw new BakeoffError({ code: 'bad-usage', message: '--metric is not given', remedy });
  }
  const keepRows = options.rows === true;
  const scoring = scoreTexts(textMetric(options.metric, typeof options.variant === 'string' ? options.variant : undefined), { keepRows });
  for await (const text of readText(file, io)) scoring.write(text);
  const { score, rows } = scoring.end();
  if (options.json) writeDocument(score, keepRows ? rows : null, io);
  else writeLines(score, keepRows ? rows : null, io);
  return 0;
}

/** The rows are written piece by piece: a million of them must not become one text. */
function writeDocument(score: TextScore, rows: Iterable<ScoredRow> | null, io: VerbIo): void {
  const text = JSON.stringify(score, null, 2);
  if (rows === null) {
    io.stdout.write(`${text}\n`);
    return;
  }
  io.stdout.write(`${text.slice(0, -2)},\n  "rows": [`);
  let separator = '\n';
  for (const batch of inBatches(rows)) {
    io.stdout.write(`${separator}${batch.map((row) => `    ${JSON.stringify(row)}`).join(',\n')}`);
    separator = ',\n';
  }
  io.stdout.write('\n  ]\n}\n');
}

function* inBatches(rows: Iterable<ScoredRow>): Generator<ScoredRow[]> {
  let batch: ScoredRow[] = [];
  for (const row of rows) {
    batch.push(row);
    if (batch.length < BATCH) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}

function digits(value: number | null): string {
  return value === null ? '-' : value.toPrecision(6);
}

function writeLines(score: TextScore, rows: Iterable<ScoredRow> | null, io: VerbIo): void {
  const { ci, columns } = { ci: score.ci, columns: io.columns };
  const interval =
    ci === null ? `none: ${score.ciReason}` : `${digits(ci.low)} to ${digits(ci.high)} (${100 * ci.confidence} %, ${ci.method})`;
  const facts = [
    ['value', score.value === null ? `none: ${score.reason}` : `${digits(score.value)} (${score.direction} is better)`],
    ['interval', interval],
    ['rows', String(score.n)],
    ['metric', `${score.metric}, variant ${score.variant}, version ${score.version}`],
    ['texts', score.normalisation],
    ['formula', `${score.formula}; ${score.source}`],
    ...(score.signature === null ? [] : [['signature', score.signature]]),
  ];
  io.stdout.write(`${facts.map(([name = '', text = '']) => wrapText(text, columns, name.padEnd(11), ' '.repeat(11))).join('\n')}\n`);
  if (rows === null) return;
  if (score.rowSignature !== null) io.stdout.write(`${wrapText(score.rowSignature, columns, 'of rows    ', ' '.repeat(11))}\n`);
  io.stdout.write('\n');
  for (const batch of inBatches(rows)) {
    const lines = alignColumns(batch.map((row) => [digits(row.value).padStart(10), safeText(row.id)]));
    io.stdout.write(`${lines.join('\n')}\n`);
  }
}
