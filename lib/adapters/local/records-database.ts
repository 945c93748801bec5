/**
 * The SQLite file with the records of one machine: how it is opened, written to as one, and what its refusals mean. Shared by the
 * sqlite-* adapters, each with tables of its own.
 */
import { existsSync, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { z } from 'zod';
import { BakeoffError, messageOf } from '../../core/errors.ts';

/** Written by the run store, read by the index: whichever opens the file first makes it. */
export const RUNS_TABLE = `CREATE TABLE IF NOT EXISTS runs
    (run_id TEXT PRIMARY KEY, version INTEGER NOT NULL, created_at_ms REAL NOT NULL, body TEXT NOT NULL);
  CREATE INDEX IF NOT EXISTS runs_by_creation ON runs (created_at_ms DESC);`;

/** SQLite's primary result codes, https://www.sqlite.org/rescode.html */
const SQLITE_FULL = 13;

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

/** Opens the file, making it, its folder and `tables` when absent. Throws `records-unusable`, `disk-full`. */
export function openRecords(path: string, tables: string): DatabaseSync {
  try {
    makeFolder(dirname(path));
    const database = new DatabaseSync(path, { timeout: 10_000 });
    // NORMAL in WAL mode: a kill of any process loses nothing; a power cut may lose the last commits, never the file.
    database.exec(`PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; ${tables}`);
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

/** Runs `write` in one transaction: all of it or nothing. */
export function atomically(database: DatabaseSync, write: () => void): void {
  database.exec('BEGIN IMMEDIATE');
  try {
    write();
    database.exec('COMMIT');
  } catch (error) {
    // A full disk has rolled it back already, and its error is the one that counts.
    if (database.isTransaction) database.exec('ROLLBACK');
    throw error;
  }
}

/** A call of a store, with what the disk refuses turned into an error that says what to do. */
export function explainedCall<A extends unknown[], R>(path: string, call: (...args: A) => Promise<R>): (...args: A) => Promise<R> {
  return async (...args) => {
    try {
      return await call(...args);
    } catch (error) {
      throw explain(path, error);
    }
  };
}

export function parseOne<T>(schema: z.ZodType<T>, row: Record<string, unknown> | undefined): T | null {
  return row === undefined ? null : schema.parse(JSON.parse(String(row.body)));
}

export function parseAll<T>(schema: z.ZodType<T>, rows: Record<string, unknown>[]): T[] {
  return rows.map((row) => schema.parse(JSON.parse(String(row.body))));
}
