/**
 * Records of runs and jobs in one SQLite file: the `RunStore` port on one machine, through Node's own `node:sqlite`. Several
 * processes share the file (the CLI and its drivers); WAL lets the reader of beats go on while a driver writes.
 */
import { beatSchema, jobRecordSchema, metricRecordSchema, runRecordSchema } from '../../core/job.ts';
import type { RunStore } from '../../core/ports.ts';
import { atomically, explainedCall, openRecords, parseAll, parseOne, RUNS_TABLE } from './records-database.ts';

const TABLES = `
  ${RUNS_TABLE}
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
  const database = openRecords(path, TABLES);
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
      atomically(database, () => {
        deleteMetrics.run(runId, jobId);
        for (const metric of metrics) insertMetric.run(runId, jobId, metric.name, JSON.stringify(metric));
      });
    },
    listMetrics: async (runId) => parseAll(metricRecordSchema, selectMetrics.all(runId)),
    close: () => database.close(),
  });
}

/** Every call of the store, with what the disk refuses turned into an error that says what to do. */
function explainedStore(path: string, store: SqliteRunStore): SqliteRunStore {
  const explained = <A extends unknown[], R>(call: (...args: A) => Promise<R>) => explainedCall(path, call);
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
