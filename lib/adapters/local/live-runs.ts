/**
 * Which runs this user's processes drive on this machine at the same time, whatever their folders: what runs side by side spoils
 * each other's latencies. Entries are small files in the machine's temporary folder. Called by lib/compose/local-runner.ts.
 */
import { randomUUID } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { isAlive, readProcess } from './process/process-table.ts';

const entrySchema = z.object({ runId: z.string().max(64), pid: z.int().positive(), startedAt: z.string() });
type Entry = z.infer<typeof entrySchema>;

export interface LiveRun {
  /** Ids of the runs of other processes that were under way at any moment since the announcement. */
  readonly others: () => Promise<string[]>;
}

/** One folder a user: nobody else can write into it. */
function liveRunsFolder(): string {
  return join(tmpdir(), `bakeoff-live-${process.getuid?.() ?? 'user'}`);
}

/**
 * Counts from now until this process ends. An entry outlives its process, so that a longer run still sees it; the next announcement
 * sweeps it, and whoever misses it then sees the run that swept.
 */
export async function announceRun(runId: string, folder = liveRunsFolder()): Promise<LiveRun> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const name = `${process.pid}-${randomUUID()}.json`;
  await writeWhole(join(folder, name), { runId, pid: process.pid, startedAt: readProcess(process.pid)?.startedAt ?? '' });
  for (const [other, entry] of await entriesIn(folder)) {
    if (entry === null || !isAlive(entry.pid, entry.startedAt)) await rm(join(folder, other), { force: true });
  }
  return {
    others: async () => {
      const beside = (await entriesIn(folder)).flatMap(([other, entry]) => (other === name || entry === null ? [] : [entry.runId]));
      return [...new Set(beside)].sort();
    },
  };
}

async function writeWhole(path: string, entry: Entry): Promise<void> {
  const aside = `${path}.aside`;
  await writeFile(aside, JSON.stringify(entry));
  await rename(aside, path);
}

/** Entries by file name; null for one that cannot be read. */
async function entriesIn(folder: string): Promise<[string, Entry | null][]> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.json'));
  return Promise.all(names.map(async (name): Promise<[string, Entry | null]> => [name, await readEntry(join(folder, name))]));
}

async function readEntry(path: string): Promise<Entry | null> {
  try {
    return entrySchema.parse(JSON.parse(await readFile(path, 'utf8')));
  } catch {
    return null;
  }
}
