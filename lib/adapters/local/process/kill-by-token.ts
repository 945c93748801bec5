/**
 * Ends every process that carries an instance token, however far it has wandered from its process group. Called by the
 * supervisor after its server, by the compute when a supervisor died, and at resume for what a killed CLI left behind.
 * Node's built-ins only.
 */
import { findByEnvironment, isAlive, readProcess } from './process-table.ts';

/** What every process of an instance has in its environment; the driver of the task has TASK_ENTRY beside it. */
export const INSTANCE_VARIABLE = 'BAKEOFF_INSTANCE';
export const TASK_VARIABLE = 'BAKEOFF_TASK_ID';

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
 * none, for at most 5 s. Never this process. Returns the pids that are still there: empty is success.
 */
export async function killByToken(token: string, options: KillOptions = {}): Promise<number[]> {
  const deadline = performance.now() + LIMIT_MS;
  for (;;) {
    const targets = findTargets(token, options);
    for (const pid of targets) signalProcess(pid, 'SIGKILL');
    if (targets.length === 0 || performance.now() > deadline) return targets;
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  }
}

function findTargets(token: string, options: KillOptions): number[] {
  const marked = findByEnvironment([`${INSTANCE_VARIABLE}=${token}`], options.spareDriver ? `${TASK_VARIABLE}=` : undefined);
  const seen = [...(options.also ?? [])].filter(([pid, startedAt]) => isAlive(pid, startedAt)).map(([pid]) => pid);
  return [...new Set([...marked, ...seen])].filter((pid) => pid !== process.pid && readProcess(pid)?.zombie === false);
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
