/**
 * Ends every process that carries an instance token, however far it has wandered from its process group. Called by the
 * supervisor after its server, by the compute when a supervisor died, and at resume for what a killed CLI left behind.
 * Node's built-ins only.
 */
import { isAlive, listPids, type ProcessRow, readEnvironment, readProcess } from './process-table.ts';

/** What every process of an instance has in its environment; the driver of the task has the second beside it. */
export const INSTANCE_VARIABLE = 'BAKEOFF_INSTANCE';
export const TASK_VARIABLE = 'BAKEOFF_TASK_ID';

/** True for a bearer of the token that is of the server's side: the driver of the task carries its task's id beside it. */
export function bearsToken(environment: readonly string[], token: string, spareDriver: boolean): boolean {
  if (!environment.includes(`${INSTANCE_VARIABLE}=${token}`)) return false;
  return !spareDriver || !environment.some((entry) => entry.startsWith(`${TASK_VARIABLE}=`));
}

const PAUSE_MS = 20;
const LIMIT_MS = 5_000;

export interface KillOptions {
  /** Leave the driver of the task alive: it is told of its server's end and has rows to write. */
  readonly spareDriver?: boolean;
  /** Further processes seen as descendants, by pid, with their `startedAt`: for those that dropped their environment. */
  readonly also?: ReadonlyMap<number, string>;
}

/**
 * SIGKILLs all processes with the exact environment entry `BAKEOFF_INSTANCE=<token>`, again and again until a look finds
 * none and those found before are gone, for at most 5 s. Never this process. Returns the pids still there: empty is success.
 */
export async function killByToken(token: string, options: KillOptions = {}): Promise<number[]> {
  const deadline = performance.now() + LIMIT_MS;
  // A dying process loses its environment before its files and ports: who was found once is waited for by pid.
  const found = new Map(options.also);
  for (;;) {
    for (const row of bearers(token, options.spareDriver ?? false)) found.set(row.pid, row.startedAt);
    const left = [...found].filter(([pid, startedAt]) => pid !== process.pid && isAlive(pid, startedAt)).map(([pid]) => pid);
    for (const pid of left) signalProcess(pid, 'SIGKILL');
    if (left.length === 0 || performance.now() > deadline) return left;
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  }
}

function bearers(token: string, spareDriver: boolean): ProcessRow[] {
  const pids = listPids().filter((pid) => bearsToken(readEnvironment(pid), token, spareDriver));
  return pids.map(readProcess).filter((row) => row !== null);
}

/** Sends a signal to a process (or, negative, to a group); false when there is none to receive it. */
export function signalProcess(pid: number, signal: NodeJS.Signals): boolean {
  try {
    process.kill(pid, signal);
    return true;
  } catch {
    return false;
  }
}
