/**
 * Questions over the runs of one machine: the `RunIndex` port on the SQLite file of the run store. The local API asks it; the report
 * step writes results. Pages go on behind the last entry's place in the order, so nothing is shown twice while runs are added.
 */
import type { StatementSync } from 'node:sqlite';
import type { z } from 'zod';
import { badCursor, type CursorParts, decodeCursor, encodeCursor } from '../../core/cursor.ts';
import { runRecordSchema } from '../../core/job.ts';
import type { Page, PageRequest, RunIndex } from '../../core/ports.ts';
import { type ResultRecord, resultRecordSchema } from '../../core/result-record.ts';
import { atomically, explainedCall, openRecords, RUNS_TABLE } from './records-database.ts';

const TABLES = `
  ${RUNS_TABLE}
  CREATE TABLE IF NOT EXISTS results (run_id TEXT, job_id TEXT, metric TEXT, metric_version TEXT, model_id TEXT NOT NULL,
    suite_digest TEXT NOT NULL, value REAL NOT NULL, finished_at_ms REAL NOT NULL, body TEXT NOT NULL,
    PRIMARY KEY (run_id, job_id, metric, metric_version));
  CREATE INDEX IF NOT EXISTS results_by_value ON results (suite_digest, metric, metric_version, value);
  CREATE INDEX IF NOT EXISTS results_by_model ON results (model_id, finished_at_ms);
`;

export interface SqliteRunIndex extends RunIndex {
  readonly close: () => void;
}

/** Opens the file, making it and its folder when absent. Throws `records-unusable`; calls throw that and `bad-cursor`. */
export function sqliteRunIndex(path: string): SqliteRunIndex {
  const database = openRecords(path, TABLES);
  const byTime = { number: 'created_at_ms', rest: ['run_id'], direction: 'DESC' } as const;
  const newest = pagesOf(byTime, '');
  const history = pagesOf(
    { number: 'finished_at_ms', rest: ['run_id', 'job_id', 'metric', 'metric_version'], direction: 'DESC' },
    'model_id = ?',
  );
  const ofBoard = 'suite_digest = ? AND metric = ? AND metric_version = ?';
  const highest = pagesOf({ number: 'value', rest: ['run_id', 'job_id'], direction: 'DESC' }, ofBoard);
  const lowest = pagesOf({ number: 'value', rest: ['run_id', 'job_id'], direction: 'ASC' }, ofBoard);
  const select = { newest: prepare('runs', newest), history: prepare('results', history) };
  const board = { higher: prepare('results', highest), lower: prepare('results', lowest) };
  const remove = database.prepare('DELETE FROM results WHERE run_id = ?');
  const insert = database.prepare('INSERT OR REPLACE INTO results VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)');

  function prepare(table: string, sql: PageSql): Prepared {
    return { order: sql.order, first: database.prepare(sql.first(table)), next: database.prepare(sql.next(table)) };
  }
  return {
    newestRuns: explainedCall(path, async (page: PageRequest) => readPage(select.newest, [], page, runRecordSchema)),
    putResults: explainedCall(path, async (runId: string, results: readonly ResultRecord[]) => {
      atomically(database, () => {
        remove.run(runId);
        for (const result of results) insert.run(...rowOf(runId, result));
      });
    }),
    leaderboard: explainedCall(path, async ({ suiteDigest, metric, metricVersion, direction, ...page }) =>
      readPage(board[direction], [suiteDigest, metric, metricVersion], page, resultRecordSchema),
    ),
    modelHistory: explainedCall(path, async ({ modelId, ...page }) => readPage(select.history, [modelId], page, resultRecordSchema)),
    close: () => database.close(),
  };
}

/** Rows come by a number and, where that is equal, by columns of text. */
interface Order {
  readonly number: string;
  readonly rest: readonly string[];
  readonly direction: 'ASC' | 'DESC';
}

interface PageSql {
  readonly order: Order;
  readonly first: (table: string) => string;
  readonly next: (table: string) => string;
}

interface Prepared {
  readonly order: Order;
  readonly first: StatementSync;
  readonly next: StatementSync;
}

function pagesOf(order: Order, condition: string): PageSql {
  const columns = [order.number, ...order.rest];
  const ordered = `ORDER BY ${columns.map((column) => `${column} ${order.direction}`).join(', ')} LIMIT ?`;
  const behind = `(${columns.join(', ')}) ${order.direction === 'DESC' ? '<' : '>'} (${columns.map(() => '?').join(', ')})`;
  return {
    order,
    first: (table) => `SELECT * FROM ${table} ${condition === '' ? '' : `WHERE ${condition}`} ${ordered}`,
    next: (table) => `SELECT * FROM ${table} WHERE ${condition === '' ? '' : `${condition} AND `}${behind} ${ordered}`,
  };
}

function readPage<T>(prepared: Prepared, of: readonly string[], { limit, cursor }: PageRequest, schema: z.ZodType<T>): Page<T> {
  const { order } = prepared;
  const listing = [order.number, order.direction, ...of].join(' ');
  // One more than wanted tells whether there is a next page.
  const rows =
    cursor === null
      ? prepared.first.all(...of, limit + 1)
      : prepared.next.all(...of, ...placeOf(decodeCursor(cursor, listing, 1 + order.rest.length)), limit + 1);
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  return {
    items: shown.map((row) => schema.parse(JSON.parse(String(row.body)))),
    cursor:
      rows.length > limit && last !== undefined
        ? encodeCursor(
            listing,
            [order.number, ...order.rest].map((name) => String(last[name])),
          )
        : null,
  };
}

function placeOf([number = '', ...rest]: CursorParts): (string | number)[] {
  if (number.trim() === '' || !Number.isFinite(Number(number))) throw badCursor();
  return [Number(number), ...rest];
}

function rowOf(runId: string, result: ResultRecord): (string | number)[] {
  const { jobId, metric, metricVersion, modelId, suiteDigest, value, finishedAtMs } = result;
  return [runId, jobId, metric, metricVersion, modelId, suiteDigest, value, finishedAtMs, JSON.stringify(result)];
}
