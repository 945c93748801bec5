/** Finds the processes of a run by what /proc says of them: the CLI's driver, model servers and their workers. Linux only. */
import { readdirSync, readFileSync } from 'node:fs';

export interface FoundProcess {
  readonly pid: number;
  readonly parent: number;
  readonly command: string;
  readonly environment: string;
}

/** Every process whose environment names the folder `dir`; those of another run's folder are never among them. */
export function processesOf(dir: string): FoundProcess[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      const found = describe(Number(name));
      return found?.environment.includes(dir) ? [found] : [];
    })
    .filter((found) => found.pid !== process.pid);
}

/** Null for a process that is gone or a zombie: neither holds anything any more. */
function describe(pid: number): FoundProcess | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const [state, parent] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    if (state === 'Z' || state === 'X') return null;
    const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
    const environment = readFileSync(`/proc/${pid}/environ`, 'utf8').replaceAll('\0', '\n');
    return { pid, parent: Number(parent), command, environment };
  } catch {
    return null;
  }
}

export type Role = 'driver' | 'server' | 'worker';

/** Processes of one role; the supervisor is none of them. */
export function processesInRole(dir: string, role: Role): FoundProcess[] {
  const all = processesOf(dir).filter((found) => !found.command.includes('supervisor.ts'));
  const isDriver = (found: FoundProcess): boolean => found.command.includes('lib/driver/main.ts');
  if (role === 'driver') return all.filter(isDriver);
  const served = all.filter(
    (found) => !isDriver(found) && found.environment.includes('BAKEOFF_INSTANCE=') && found.environment.includes('PORT='),
  );
  const pids = new Set(served.map((found) => found.pid));
  const workers = served.filter((found) => pids.has(found.parent) && found.command.includes('worker_main'));
  return role === 'worker' ? workers : served.filter((found) => !pids.has(found.parent));
}
