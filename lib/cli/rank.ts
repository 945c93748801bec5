/** `bakeoff rank FILE --method …`: ranks the models of anybody's table by mean win rate or by Bradley-Terry strength. */
import { BakeoffError } from '../core/errors.ts';
import { battleTable } from '../core/rank/battle-table.ts';
import { TOLERANCE } from '../core/rank/bradley-terry.ts';
import type { StrengthRanking } from '../core/rank/strength-ranking.ts';
import { type WinRateRanking, winRateTable } from '../core/rank/win-rate-table.ts';
import { type CommonOptions, type ExitCode, type VerbIo, writeJson } from './io.ts';
import { optionList } from './option-list.ts';
import { readText } from './read-text.ts';
import { writeJsonRows } from './write-json-rows.ts';
import { alignAndWrap, safeText, wrapText } from './wrap-text.ts';

export async function rankVerb(args: readonly string[], options: CommonOptions & Record<string, unknown>, io: VerbIo): Promise<ExitCode> {
  const [file = ''] = args;
  const [lower, ignore] = [optionList(options.lower), optionList(options.ignore)];
  const table = tableFor(options.method, lower, ignore);
  for await (const text of readText(file, io)) table.write(text);
  const ranking = table.end();
  if (options.json) printJson(ranking, io);
  else io.stdout.write(`${rankingLines(ranking, io.columns).join('\n')}\n`);
  return 0;
}

function tableFor(method: unknown, lower: readonly string[], ignore: readonly string[]) {
  if (method === 'win-rate') return winRateTable({ lower, ignore });
  if (method !== 'bradley-terry') throw badUsage('--method is not given', 'Give --method win-rate or --method bradley-terry.');
  if (lower.length > 0) throw badUsage('--lower has no meaning for bradley-terry', 'Leave --lower out.');
  return battleTable({ ignore });
}

function badUsage(message: string, remedy: string): BakeoffError {
  return new BakeoffError({ code: 'bad-usage', message, remedy });
}

function printJson(ranking: WinRateRanking | StrengthRanking, io: VerbIo): void {
  if (ranking.method === 'bradley-terry') writeJson(io, ranking);
  else {
    const { count, row, ...members } = ranking;
    writeJsonRows(io, { members, name: 'models' }, { count, row });
  }
}

function rankingLines(ranking: WinRateRanking | StrengthRanking, columns: number): string[] {
  return ranking.method === 'win-rate' ? winRateLines(ranking, columns) : strengthLines(ranking, columns);
}

function winRateLines({ count: models, row, columns: used, skipped }: WinRateRanking, columns: number): string[] {
  const rows = Array.from({ length: models }, (_, place) => {
    const { model, rank, winRate, columns: count } = row(place);
    return [String(rank ?? '-'), winRate === null ? '-' : winRate.toFixed(4), String(count), safeText(model)];
  });
  const lower = used.filter(({ lowerIsBetter }) => lowerIsBetter).map(({ name }) => name);
  const notes = [
    `mean win rate over ${used.length} of ${used.length + skipped.length} columns, ties half${lower.length > 0 ? `; lower is better in ${lower.join(', ')}` : ''}`,
    ...skipped.map(({ name, reason }) => `skipped ${name}: ${reason}`),
  ];
  return [
    ...alignAndWrap([['RANK', 'WIN RATE', 'COLUMNS', 'MODEL'], ...rows], columns),
    '',
    ...notes.map((note) => wrapText(note, columns, '', '  ')),
  ];
}

function strengthLines({ models, interval, comparisons, fit }: StrengthRanking, columns: number): string[] {
  const rows = models.map((row) => [
    String(row.rank),
    row.rankRange.join('-'),
    row.elo.toFixed(1),
    `${row.eloInterval.low.toFixed(1)} to ${row.eloInterval.high.toFixed(1)}`,
    row.strength.toPrecision(5),
    `${row.wins}-${row.losses}`,
    safeText(row.model),
  ]);
  const percent = `${100 * interval.confidence} %`;
  const note =
    `${comparisons} comparisons; intervals at ${percent} (${interval.method}); ranges of ranks hold together at ${percent}; ` +
    `Newton's method, ${fit.iterations} steps, less than ${TOLERANCE} of log strength left`;
  const head = ['RANK', 'RANGE', 'ELO', 'INTERVAL', 'STRENGTH', 'WON-LOST', 'MODEL'];
  return [...alignAndWrap([head, ...rows], columns), '', wrapText(note, columns, '', '  ')];
}
