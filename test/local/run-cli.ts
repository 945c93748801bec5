/** Runs the real CLI in a process of its own, as a user would; tests read what it printed and how it ended. */
import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';

export const ROOT = join(import.meta.dirname, '../..');

export interface CliEnd {
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunningCli {
  readonly process: ChildProcess;
  readonly ended: Promise<CliEnd>;
}

/** `environment` is put on top of the caller's; undefined removes a variable. */
export function startCli(args: readonly string[], environment: Record<string, string | undefined> = {}, cwd = ROOT): RunningCli {
  const child = spawn(process.execPath, [join(ROOT, 'bin/bakeoff.mjs'), ...args], {
    cwd,
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const ended = new Promise<CliEnd>((resolve) => {
    child.on('close', (exitCode, signal) => resolve({ exitCode, signal, stdout, stderr }));
  });
  return { process: child, ended };
}

export async function runCli(args: readonly string[], environment: Record<string, string | undefined> = {}, cwd = ROOT): Promise<CliEnd> {
  return startCli(args, environment, cwd).ended;
}
