/**
 * The process table where there is no /proc (macOS), from `ps`. One `ps` serves all questions of the next 200 ms, because each
 * costs a process. Used by process-table.ts alone. Node's built-ins only.
 */
import { execFileSync } from 'node:child_process';
import type { ProcessRow } from './process-table.ts';

const FRESH_MS = 200;
let rows: { readonly atMs: number; readonly byPid: ReadonlyMap<number, ProcessRow> } | null = null;
let commands: { readonly atMs: number; readonly byPid: ReadonlyMap<number, string[]> } | null = null;

/** All processes by pid. */
export function psRows(): ReadonlyMap<number, ProcessRow> {
  if (rows === null || performance.now() - rows.atMs > FRESH_MS) {
    const lines = ps(['-ax', '-o', 'pid=,ppid=,pgid=,rss=,time=,state=,lstart=']);
    rows = { atMs: performance.now(), byPid: new Map(lines.map(parseRow).map((row) => [row.pid, row])) };
  }
  return rows.byPid;
}

/** The words of a process's command line, its environment's entries among them. An entry with a space falls apart. */
export function psEnvironment(pid: number): string[] {
  if (commands === null || performance.now() - commands.atMs > FRESH_MS) {
    const words = ps(['-Eww', '-ax', '-o', 'pid=,command=']).map((line) => line.split(/\s+/));
    commands = { atMs: performance.now(), byPid: new Map(words.map(([id, ...rest]) => [Number(id), rest])) };
  }
  return commands.byPid.get(pid) ?? [];
}

function ps(options: readonly string[]): string[] {
  const text = execFileSync('ps', [...options], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'], maxBuffer: 64 << 20 });
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
}

function parseRow(line: string): ProcessRow {
  const [pid, parent, group, rss, time, state, ...started] = line.split(/\s+/);
  return {
    pid: Number(pid),
    parentPid: Number(parent),
    groupId: Number(group),
    startedAt: started.join(' '),
    cpuSeconds: clockSeconds(time ?? ''),
    rssKiB: Number(rss),
    highWaterKiB: null,
    zombie: (state ?? '').startsWith('Z'),
  };
}

/** `[dd-][hh:]mm:ss[.cc]` in seconds. */
function clockSeconds(text: string): number {
  const [clock, days] = text.split('-').reverse();
  return (clock ?? '').split(':').reduce((sum, part) => sum * 60 + Number(part), 0) + Number(days ?? 0) * 86_400;
}
