/** Runs a program to its end for the emulator level: its output as text, or an error that carries what it printed. */
import { spawn } from 'node:child_process';

export interface CommandOptions {
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
  /** Shows the output as it comes, besides returning it. */
  readonly isShown?: boolean;
}

export interface CommandEnd {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Resolves whatever the exit code is; rejects only when the program cannot be started. */
export function tryCommand(program: string, args: readonly string[], options: CommandOptions = {}): Promise<CommandEnd> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { cwd: options.cwd, env: options.env ?? process.env, stdio: ['ignore', 'pipe', 'pipe'] });
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
      if (options.isShown) process.stdout.write(text);
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
      if (options.isShown) process.stdout.write(text);
    });
    child.on('error', reject);
    child.on('close', (exitCode) => resolve({ exitCode: exitCode ?? 1, stdout, stderr }));
  });
}

/** Standard output of a program that must end with 0. */
export async function runCommand(program: string, args: readonly string[], options: CommandOptions = {}): Promise<string> {
  const end = await tryCommand(program, args, options);
  if (end.exitCode === 0) return end.stdout;
  const tail = `${end.stdout}\n${end.stderr}`.trim().split('\n').slice(-30).join('\n');
  throw new Error(`${program} ${args.join(' ').slice(0, 300)} ended with exit code ${end.exitCode}:\n${tail}`);
}

/** Whether a program is on the PATH. */
export async function hasProgram(program: string): Promise<boolean> {
  return (await tryCommand('sh', ['-c', `command -v ${program}`])).exitCode === 0;
}
