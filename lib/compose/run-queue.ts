/**
 * Executions on one machine: runs that the local server was asked for, one after the other, each driven by a process of its own
 * (lib/cli/drive-run.ts). One at a time, because a run whose latency is measured must have the machine to itself.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import type { Executions, RunStore } from '../core/ports.ts';
import { startOfExecution } from '../workflow/run-id.ts';
import { ownerIsAlive } from './run-owner.ts';

export interface RunQueueOptions {
  readonly runs: Pick<RunStore, 'getRun'>;
  /** Program and arguments that drive the run whose id is added to them. */
  readonly command: readonly [string, ...string[]];
  readonly environment: NodeJS.ProcessEnv;
  /** Told when a driving process could not be started or ended badly. */
  readonly onTrouble: (runId: string, text: string) => void;
}

export interface RunQueue extends Executions {
  /** Waiting, or being driven by a process of ours. */
  readonly has: (runId: string) => boolean;
  /** Forgets what waits, interrupts the run that goes on (it can be resumed), and waits for its process. */
  readonly close: () => Promise<void>;
}

export function runQueue({ runs, command, environment, onTrouble }: RunQueueOptions): RunQueue {
  const waiting: string[] = [];
  const begun = new Set<string>();
  let current: { readonly name: string; readonly child: ChildProcess; readonly ended: Promise<void> } | null = null;
  let isClosed = false;

  const next = (): void => {
    if (isClosed || current !== null) return;
    const name = waiting.shift();
    const run = name === undefined ? null : startOfExecution(name);
    if (name === undefined || run === null) return;
    const child = spawn(command[0], [...command.slice(1), run.run], { stdio: ['ignore', 'ignore', 'inherit'], env: environment });
    const ended = new Promise<void>((resolve) => {
      child.on('error', (error) => onTrouble(run.run, error.message));
      child.on('close', (code, signal) => {
        if (code !== 0 && !isClosed) onTrouble(run.run, `its process ended with ${signal ?? code}`);
        current = null;
        resolve();
        next();
      });
    });
    current = { name, child, ended };
  };
  const isOurs = (name: string): boolean => current?.name === name || waiting.includes(name);

  return {
    start: async (name) => {
      if (begun.has(name)) return 'exists';
      begun.add(name);
      waiting.push(name);
      next();
      return 'started';
    },
    isLive: async (name) => {
      if (isOurs(name)) return true;
      const start = startOfExecution(name);
      const run = start === null ? null : await runs.getRun(start.run);
      return run !== null && run.owner !== null && ownerIsAlive(run.owner);
    },
    has: (runId) => [...waiting, ...(current === null ? [] : [current.name])].some((name) => startOfExecution(name)?.run === runId),
    close: async () => {
      isClosed = true;
      waiting.length = 0;
      current?.child.kill('SIGTERM');
      await current?.ended;
    },
  };
}
