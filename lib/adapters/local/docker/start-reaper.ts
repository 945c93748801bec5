/** Starts the process that removes this process's containers when this process dies. Called by the compute before its first container. */
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const PROGRAM = fileURLToPath(new URL('./reaper.ts', import.meta.url));

/** Returns how to end it, when all is removed in order. */
export function startReaper(socketPath: string, owner: string, compileCacheFolder: string): () => void {
  const env = { PATH: '/usr/bin:/bin', NODE_COMPILE_CACHE: compileCacheFolder };
  const words = ['--disable-warning=ExperimentalWarning', PROGRAM, socketPath, owner];
  // A group of its own: Ctrl-C in a terminal must reach the CLI alone.
  const child = spawn(process.execPath, words, { env, detached: true, stdio: ['pipe', 'ignore', 'ignore'] });
  child.on('error', () => undefined);
  child.stdin.on('error', () => undefined);
  // It must not keep the CLI alive.
  child.unref();
  if ('unref' in child.stdin && typeof child.stdin.unref === 'function') child.stdin.unref();
  return () => child.kill('SIGKILL');
}
