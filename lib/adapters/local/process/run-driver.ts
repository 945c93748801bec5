/**
 * Runs the driver of a task as a child process, with a pipe that tells it when we die, and hears its log lines. Called by the
 * compute.
 */
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { z } from 'zod';

/** What a driver prints on stdout before it exits. */
const phasesSchema = z.object({ event: z.literal('phases'), phasesMs: z.record(z.string().max(40), z.number().nonnegative()) });

export interface RunDriverOptions {
  /** `lib/driver/main.ts`. */
  readonly program: string;
  readonly env: Readonly<Record<string, string>>;
  readonly onLog: (line: string) => void;
}

export interface RunningDriver {
  /** The exit code; null when it was killed or could not be started. Never rejects. */
  readonly exited: Promise<number | null>;
  /** One JSON line on its stdin. */
  readonly tell: (message: Readonly<Record<string, unknown>>) => void;
  readonly signal: (signal: NodeJS.Signals) => void;
  /** How it spent its time, milliseconds by phase, as it told at its end; empty when it could not. */
  readonly phasesMs: () => Readonly<Record<string, number>>;
}

/** Starts `node <program>` in a group of its own, with `env` and nothing else. */
export function runDriver(options: RunDriverOptions): RunningDriver {
  // A group of its own: Ctrl-C in a terminal reaches the CLI alone, which then ends its drivers in order.
  const child = spawn(process.execPath, [options.program], { env: options.env, detached: true, stdio: ['pipe', 'pipe', 'pipe'] });
  child.stdin.on('error', () => undefined);
  createInterface({ input: child.stderr }).on('line', options.onLog);
  let phasesMs: Readonly<Record<string, number>> = {};
  createInterface({ input: child.stdout }).on('line', (line) => {
    phasesMs = readPhases(line) ?? phasesMs;
  });
  const exited = new Promise<number | null>((resolve) => {
    child.on('error', (error) => {
      options.onLog(`the driver could not be started: ${error.message}`);
      resolve(null);
    });
    child.on('close', (exitCode) => resolve(exitCode));
  });
  return {
    exited,
    tell: (message) => child.stdin.write(`${JSON.stringify(message)}\n`),
    signal: (signal) => child.kill(signal),
    phasesMs: () => phasesMs,
  };
}

/** The phases that a line of standard output tells; null for any other line. */
export function readPhases(line: string): Readonly<Record<string, number>> | null {
  try {
    const parsed = phasesSchema.safeParse(JSON.parse(line));
    return parsed.success ? parsed.data.phasesMs : null;
  } catch {
    return null;
  }
}
