/** Images that were registered on one machine: the `ModelStore` port on the SQLite file of the run store. The local API asks it. */
import type { ModelStore } from '../../core/ports.ts';
import { type RegisteredImage, registeredImageSchema } from '../../core/result-record.ts';
import { explainedCall, openRecords, parseAll, parseOne } from './records-database.ts';

const TABLES = 'CREATE TABLE IF NOT EXISTS images (model_id TEXT PRIMARY KEY, version INTEGER NOT NULL, body TEXT NOT NULL);';

export interface SqliteModelStore extends ModelStore {
  readonly close: () => void;
}

/** Opens the file, making it and its folder when absent. Throws `records-unusable`, as its calls do. */
export function sqliteModelStore(path: string): SqliteModelStore {
  const database = openRecords(path, TABLES);
  const insert = database.prepare('INSERT OR IGNORE INTO images VALUES (?, ?, ?)');
  const update = database.prepare('UPDATE images SET version = ?, body = ? WHERE model_id = ? AND version = ?');
  const select = database.prepare('SELECT body FROM images WHERE model_id = ?');
  const selectAll = database.prepare('SELECT body FROM images ORDER BY model_id');
  return {
    putImage: explainedCall(path, async (record: RegisteredImage) => {
      const { version, manifest } = record;
      const body = JSON.stringify(record);
      const written = version === 1 ? insert.run(manifest.id, version, body) : update.run(version, body, manifest.id, version - 1);
      return written.changes === 1;
    }),
    getImage: explainedCall(path, async (modelId: string) => parseOne(registeredImageSchema, select.get(modelId))),
    listImages: explainedCall(path, async () => parseAll(registeredImageSchema, selectAll.all())),
    close: () => database.close(),
  };
}
