/** Finds processes by a variable of their environment, which their children inherit. Linux, as root. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export interface MarkedProcess {
  readonly pid: number;
  readonly command: string;
}

/** Processes other than this one that carry `NAME=value`. */
export function markedProcesses(mark: string): MarkedProcess[] {
  return readdirSync('/proc')
    .filter((pid) => /^\d+$/.test(pid) && Number(pid) !== process.pid)
    .filter((pid) =>
      textOf(join('/proc', pid, 'environ'))
        .split('\0')
        .includes(mark),
    )
    .map((pid) => ({ pid: Number(pid), command: textOf(join('/proc', pid, 'cmdline')).replaceAll('\0', ' ') }));
}

/** Empty for a process that has ended meanwhile. */
function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
