/**
 * Records of runs and jobs in one SQLite file: the `RunStore` port on one machine, through Node's own `node:sqlite`. Several
 * processes share the file (the CLI and its drivers); WAL lets the reader of beats go on while a driver writes.
 */
import { existsSync, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { z } from 'zod';
import { BakeoffError, messageOf } from '../../core/errors.ts';
import { beatSchema, jobRecordSchema, metricRecordSchema, runRecordSchema } from '../../core/job.ts';
import type { RunStore } from '../../core/ports.ts';

const TABLES = `
  CREATE TABLE IF NOT EXISTS runs (run_id TEXT PRIMARY KEY, version INTEGER NOT NULL, created_at_ms REAL NOT NULL, body TEXT NOT NULL);
  CREATE INDEX IF NOT EXISTS runs_by_creation ON runs (created_at_ms DESC);
  CREATE TABLE IF NOT EXISTS jobs (run_id TEXT, job_id TEXT, ordinal INTEGER NOT NULL, version INTEGER NOT NULL, body TEXT NOT NULL,
    PRIMARY KEY (run_id, job_id));
  CREATE TABLE IF NOT EXISTS beats (run_id TEXT, job_id TEXT, body TEXT NOT NULL, PRIMARY KEY (run_id, job_id));
  CREATE TABLE IF NOT EXISTS metrics (run_id TEXT, job_id TEXT, name TEXT, body TEXT NOT NULL, PRIMARY KEY (run_id, job_id, name));
`;

export interface SqliteRunStore extends RunStore {
  readonly close: () => void;
}

/** Opens the file, making it and its folder when absent. Throws `records-unusable` when it cannot be used. */
export function sqliteRunStore(path: string): SqliteRunStore {
  const database = openDatabase(path);
  const insertRun = database.prepare('INSERT OR IGNORE INTO runs VALUES (?, ?, ?, ?)');
  const selectRun = database.prepare('SELECT body FROM runs WHERE run_id = ?');
  const updateRun = database.prepare('UPDATE runs SET version = ?, body = ? WHERE run_id = ? AND version = ?');
  const selectRuns = database.prepare('SELECT body FROM runs ORDER BY created_at_ms DESC, run_id DESC LIMIT ?');
  const insertJob = database.prepare('INSERT OR IGNORE INTO jobs VALUES (?, ?, ?, ?, ?)');
  const selectJob = database.prepare('SELECT body FROM jobs WHERE run_id = ? AND job_id = ?');
  const updateJob = database.prepare('UPDATE jobs SET version = ?, body = ? WHERE run_id = ? AND job_id = ? AND version = ?');
  const selectJobs = database.prepare('SELECT body FROM jobs WHERE run_id = ? ORDER BY ordinal');
  const upsertBeat = database.prepare('INSERT INTO beats VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET body = excluded.body');
  const selectBeats = database.prepare('SELECT body FROM beats WHERE run_id = ? ORDER BY job_id');
  const deleteMetrics = database.prepare('DELETE FROM metrics WHERE run_id = ? AND job_id = ?');
  const insertMetric = database.prepare('INSERT INTO metrics VALUES (?, ?, ?, ?)');
  const selectMetrics = database.prepare('SELECT body FROM metrics WHERE run_id = ? ORDER BY job_id, name');

  return explainedStore(path, {
    createRun: async (run) => insertRun.run(run.runId, run.version, run.createdAtMs, JSON.stringify(run)).changes === 1,
    getRun: async (runId) => parseOne(runRecordSchema, selectRun.get(runId)),
    replaceRun: async (run) => updateRun.run(run.version, JSON.stringify(run), run.runId, run.version - 1).changes === 1,
    listRuns: async (limit) => parseAll(runRecordSchema, selectRuns.all(limit)),
    createJob: async (job) => insertJob.run(job.runId, job.jobId, job.ordinal, job.version, JSON.stringify(job)).changes === 1,
    getJob: async (runId, jobId) => parseOne(jobRecordSchema, selectJob.get(runId, jobId)),
    replaceJob: async (job) => updateJob.run(job.version, JSON.stringify(job), job.runId, job.jobId, job.version - 1).changes === 1,
    listJobs: async (runId) => parseAll(jobRecordSchema, selectJobs.all(runId)),
    putBeat: async (beat) => {
      upsertBeat.run(beat.runId, beat.jobId, JSON.stringify(beat));
    },
    listBeats: async (runId) => parseAll(beatSchema, selectBeats.all(runId)),
    putMetrics: async (runId, jobId, metrics) => {
      database.exec('BEGIN IMMEDIATE');
      try {
        deleteMetrics.run(runId, jobId);
        for (const metric of metrics) insertMetric.run(runId, jobId, metric.name, JSON.stringify(metric));
        database.exec('COMMIT');
      } catch (error) {
        // A full disk has rolled it back already, and its error is the one that counts.
        if (database.isTransaction) database.exec('ROLLBACK');
        throw error;
      }
    },
    listMetrics: async (runId) => parseAll(metricRecordSchema, selectMetrics.all(runId)),
    close: () => database.close(),
  });
}

/** SQLite's primary result codes, https://www.sqlite.org/rescode.html */
const SQLITE_FULL = 13;

/** Every call of the store, with what the disk refuses turned into an error that says what to do. */
function explainedStore(path: string, store: SqliteRunStore): SqliteRunStore {
  const explained =
    <A extends unknown[], R>(call: (...args: A) => Promise<R>) =>
    async (...args: A): Promise<R> => {
      try {
        return await call(...args);
      } catch (error) {
        throw explain(path, error);
      }
    };
  return {
    createRun: explained(store.createRun),
    getRun: explained(store.getRun),
    replaceRun: explained(store.replaceRun),
    listRuns: explained(store.listRuns),
    createJob: explained(store.createJob),
    getJob: explained(store.getJob),
    replaceJob: explained(store.replaceJob),
    listJobs: explained(store.listJobs),
    putBeat: explained(store.putBeat),
    listBeats: explained(store.listBeats),
    putMetrics: explained(store.putMetrics),
    listMetrics: explained(store.listMetrics),
    close: store.close,
  };
}

function explain(path: string, error: unknown): unknown {
  if (!(error instanceof Error) || !('errcode' in error)) return error;
  const isFull = error.errcode === SQLITE_FULL;
  return new BakeoffError({
    code: isFull ? 'disk-full' : 'records-unusable',
    message: isFull ? `no space is left to write the records in ${path}` : `the records in ${path} cannot be used: ${messageOf(error)}`,
    remedy: isFull
      ? 'Free disk space (`bakeoff clean` removes what is not needed), then run again with --resume.'
      : 'Give yourself rights to the folder, or name another one with --dir.',
    kind: 'environment',
    cause: error,
  });
}

/** Step by step: Node's own recursive one never returns where the system refuses a folder as absent, as below /proc. */
function makeFolder(folder: string): void {
  if (existsSync(folder)) return;
  makeFolder(dirname(folder));
  try {
    mkdirSync(folder);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
  }
}

function openDatabase(path: string): DatabaseSync {
  try {
    makeFolder(dirname(path));
    const database = new DatabaseSync(path, { timeout: 10_000 });
    // NORMAL in WAL mode: a kill of any process loses nothing; a power cut may lose the last commits, never the file.
    database.exec(`PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; ${TABLES}`);
    return database;
  } catch (error) {
    if (error instanceof Error && 'errcode' in error && error.errcode === SQLITE_FULL) throw explain(path, error);
    throw new BakeoffError({
      code: 'records-unusable',
      message: `the records in ${path} cannot be opened: ${messageOf(error)}`,
      remedy: 'Give yourself rights to the folder and free space on it, or name another one with --dir.',
      kind: 'environment',
      cause: error,
    });
  }
}

function parseOne<T>(schema: z.ZodType<T>, row: Record<string, unknown> | undefined): T | null {
  return row === undefined ? null : schema.parse(JSON.parse(String(row.body)));
}

function parseAll<T>(schema: z.ZodType<T>, rows: Record<string, unknown>[]): T[] {
  return rows.map((row) => schema.parse(JSON.parse(String(row.body))));
}
