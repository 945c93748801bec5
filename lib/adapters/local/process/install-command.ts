/**
 * Runs one command of an installer (uv, pip, npm, venv) under a supervisor, so that a killed CLI leaves none behind, and turns
 * its failure into one error with the installer's own last words.
 */
import { randomUUID } from 'node:crypto';
import { mkdirSync, statfsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { BakeoffError } from '../../../core/errors.ts';
import { cacheError, diskFullError, sayDiskFull } from './cache-error.ts';
import { INSTANCE_VARIABLE } from './kill-by-token.ts';
import { supervise } from './supervise.ts';

export interface InstallContext {
  readonly cacheRoot: string;
  readonly compileCacheFolder: string;
  /** The user's own environment: installers obey the user's settings (indexes, proxies, certificates). */
  readonly env: NodeJS.ProcessEnv;
  /** Ends what is being installed, and lets nothing new begin. */
  readonly interruption: AbortSignal;
}

export interface InstallCommand {
  /** Named in the error: `environment of ridge`. */
  readonly what: string;
  readonly command: readonly string[];
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string>>;
}

const LOG_MAX_BYTES = 1 << 20;
const TAIL_LINES = 15;
/** With less than this left, whatever the installer said, the disk was the cause: the log may not have been writable either. */
const FULL_BYTES = 1 << 20;

/** Throws `disk-full`, `cache-unwritable`, `install-failed` or `install-interrupted` unless the command exits 0. */
export async function runInstall(context: InstallContext, install: InstallCommand): Promise<void> {
  if (context.interruption.aborted) throw interruptedError(install);
  const token = `install-${randomUUID()}`;
  const logFile = join(context.cacheRoot, `${token}.log`);
  try {
    mkdirSync(context.cacheRoot, { recursive: true });
  } catch (cause) {
    throw cacheError(context.cacheRoot, cause);
  }
  const inherited = Object.fromEntries(
    Object.entries(context.env).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );
  const env: Record<string, string> = { ...inherited, ...install.env, [INSTANCE_VARIABLE]: token };
  const { exited, stop } = supervise({
    compileCacheFolder: context.compileCacheFolder,
    order: {
      command: install.command,
      cwd: install.cwd,
      env,
      token,
      logFile,
      logMaxBytes: LOG_MAX_BYTES,
      memoryMiB: null,
      graceMs: 2_000,
      orphanGraceMs: 0,
      sampleMs: 1_000,
    },
  });
  context.interruption.addEventListener('abort', stop);
  const end = await exited;
  context.interruption.removeEventListener('abort', stop);
  await rm(logFile, { force: true });
  if (end.exitCode === 0) return;
  if (context.interruption.aborted) throw interruptedError(install);
  throw installError(
    context,
    install,
    end.logTail ?? end.reason ?? '',
    `exit code ${end.exitCode ?? 'none'}${end.signal === null ? '' : `, ${end.signal}`}`,
  );
}

function installError(context: InstallContext, install: InstallCommand, words: string, how: string): BakeoffError {
  if (sayDiskFull(words) || freeBytes(context.cacheRoot) < FULL_BYTES) return diskFullError(context.cacheRoot, words);
  const tail = words.trim().split('\n').slice(-TAIL_LINES).join('\n');
  return new BakeoffError({
    code: 'install-failed',
    message: `building the ${install.what} failed: \`${install.command.slice(0, 3).join(' ')} …\` ended with ${how}:\n${tail}`,
    remedy:
      "Read the installer's words above: check the network, the proxy and the index settings, or mend the package's lock; then run again.",
    kind: 'environment',
  });
}

function interruptedError(install: InstallCommand): BakeoffError {
  return new BakeoffError({
    code: 'install-interrupted',
    message: `building the ${install.what} was interrupted`,
    remedy: 'Run the same command again with --resume.',
    kind: 'environment',
  });
}

function freeBytes(folder: string): number {
  const { bavail, bsize } = statfsSync(folder);
  return bavail * bsize;
}
