/** Reads a CSV file of comparisons (`winner,loser,count`) and ranks the models by Bradley-Terry strength. Called by `bakeoff rank`. */
import { cellNumber, csvTable, detached, emptyTable, type Fault, type TableRows, unknownColumn } from '../csv-table.ts';
import { BakeoffError } from '../errors.ts';
import { whyNotConnected } from './connectivity.ts';
import { type StrengthRanking, strengthRanking } from './strength-ranking.ts';
import { type WinCounts, winCounts } from './win-counts.ts';

/** The fit takes time with the third power of the models. */
export const MAX_BATTLE_MODELS = 1000;

export interface BattleOptions {
  /** Columns that are passed over. */
  readonly ignore: readonly string[];
}

export interface BattleTable {
  readonly write: (text: string) => void;
  /** Throws `bad-rows`, `csv-syntax`, `table-empty`, `strengths-undefined` or `fit-not-converged`. */
  readonly end: () => StrengthRanking;
}

/** Takes the file in pieces of text. */
export function battleTable({ ignore }: BattleOptions): BattleTable {
  const counts = winCounts(MAX_BATTLE_MODELS, detached);
  const reader = csvTable((fault) => rowsOf(ignore, fault, counts));
  const end = (): StrengthRanking => {
    reader.end();
    const matrix = counts.matrix();
    if (matrix.models.length === 0) throw emptyTable('a row for each pair of winner and loser');
    const reason = whyNotConnected(matrix);
    if (reason === null) return strengthRanking(matrix);
    throw new BakeoffError({
      code: 'strengths-undefined',
      message: `no finite strengths fit these comparisons: ${reason}`,
      remedy: 'Add comparisons that link them in both directions, or leave out their rows and say so.',
    });
  };
  return { write: reader.write, end };
}

const COLUMNS = ['winner', 'loser', 'count'];

function rowsOf(ignore: readonly string[], fault: Fault, counts: WinCounts): TableRows {
  let places = { winner: -1, loser: -1, count: -1 };
  const header: TableRows['header'] = (names) => {
    places = { winner: names.indexOf('winner'), loser: names.indexOf('loser'), count: names.indexOf('count') };
    for (const name of COLUMNS.slice(0, 2)) if (!names.includes(name)) fault(1, null, `there is no column "${name}"`);
    for (const name of ignore) if (COLUMNS.includes(name) || !names.includes(name)) fault(1, null, unknownColumn(name, names));
    for (const name of names) if (!COLUMNS.includes(name) && !ignore.includes(name)) fault(1, null, unknownColumn(name, COLUMNS));
  };
  const row: TableRows['row'] = (fields, line) => {
    const winner = modelIn(fields[places.winner], line, 'winner', fault, counts);
    const loser = modelIn(fields[places.loser], line, 'loser', fault, counts);
    const count = places.count === -1 ? 1 : countIn(fields[places.count] ?? '');
    if (typeof count === 'string') return fault(line, 'count', count);
    if (winner === null || loser === null) return;
    if (winner === loser) fault(line, null, 'winner and loser are the same');
    else counts.add(winner, loser, count);
  };
  return { header, row };
}

function modelIn(cell: string | undefined, line: number, column: string, fault: Fault, counts: WinCounts): number | null {
  const name = (cell ?? '').trim();
  const number = name === '' ? null : counts.numberOf(name);
  if (name === '') fault(line, column, 'the name is empty');
  if (number === -1) fault(line, column, `more than ${MAX_BATTLE_MODELS} models`);
  return number === -1 ? null : number;
}

function countIn(cell: string): number | string {
  const count = cellNumber(cell);
  if (count === null) return 'the count is empty';
  return typeof count === 'number' && count < 0 ? `${count} is below 0` : count;
}
