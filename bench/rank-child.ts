/**
 * Ranks or scores one file after a small one of its kind and prints `{rows, seconds, baseMiB, peakMiB}`: `node bench/rank-child.ts KIND FOLDER ROWS`.
 * Started by bench/rank.ts.
 */
import { join } from 'node:path';
import { readText } from '../lib/cli/read-text.ts';
import { keepYoungGenerationSmall } from '../lib/compose/steady-memory.ts';
import { profileTable } from '../lib/core/profiles/profile-table.ts';
import { findProfile } from '../lib/core/profiles/profiles.ts';
import { battleTable } from '../lib/core/rank/battle-table.ts';
import { winRateTable } from '../lib/core/rank/win-rate-table.ts';

const TABLES = {
  'win-rate': () => winRateTable({ lower: ['c1'], ignore: [] }),
  'bradley-terry': () => battleTable({ ignore: [] }),
  'vbench-t2v': () => profileTable({ profile: findProfile('vbench-t2v'), scale: 'fraction', ignore: [] }),
};

const peakMiB = (): number => process.resourceUsage().maxRSS / 1024;

/** A figure of the result that the reference must have, too. */
async function read(kind: keyof typeof TABLES, file: string): Promise<number> {
  const table = TABLES[kind]();
  for await (const text of readText(file, { cwd: '.' })) table.write(text);
  const result = table.end();
  if ('warnings' in result) return Number(result.row(0).total);
  if (result.method === 'win-rate') return result.row(0).winRate ?? Number.NaN;
  return result.models[0]?.strength ?? Number.NaN;
}

keepYoungGenerationSmall();
const [kind = '', folder = '', rows = ''] = process.argv.slice(2);
if (kind !== 'win-rate' && kind !== 'bradley-terry' && kind !== 'vbench-t2v') throw new Error(`no such kind: ${kind}`);
await read(kind, join(folder, `${kind}-small.csv`));
const baseMiB = peakMiB();
const before = process.cpuUsage();
const figure = await read(kind, join(folder, `${kind}.csv`));
const { user, system } = process.cpuUsage(before);
console.log(JSON.stringify({ rows: Number(rows), figure, seconds: (user + system) / 1e6, baseMiB, peakMiB: peakMiB() }));
