/**
 * Starts one package's server by itself, as a task would, and ends it again: for `bakeoff models check`. Names the adapters of the
 * `process` environment.
 */
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cpuAffinity } from '../adapters/local/process/cpu-affinity.ts';
import { cacheLayout } from '../adapters/local/process/cache-layout.ts';
import { environments } from '../adapters/local/process/environments.ts';
import type { LocalPackage } from '../adapters/local/process/local-package.ts';
import { startServer } from '../adapters/local/process/start-server.ts';
import { verifyPinnedFiles } from '../adapters/local/process/verify-files.ts';
import { environment } from '../settings.ts';
import type { Settings } from '../settings.ts';

export interface StartedPackage {
  readonly url: string;
  readonly instance: string;
  readonly outputsDir: string;
  readonly inputsDir: string;
  /** The exit code; null when a signal ended it. */
  readonly exited: Promise<number | null>;
  /** Sends SIGTERM and waits. */
  readonly terminate: () => Promise<number | null>;
  /** Ends what is left and removes its folders. */
  readonly close: () => Promise<void>;
}

export async function startPackage(localPackage: LocalPackage, settings: Settings, root: string): Promise<StartedPackage> {
  const made = environments({ cacheDir: settings.cacheDir, python: settings.python, installerEnv: environment() });
  const prepared = await made.prepare(localPackage);
  const held = await made.hold(prepared);
  const scratchDir = await mkdtemp(join(tmpdir(), 'bakeoff-check-'));
  try {
    await verifyPinnedFiles(localPackage);
    const instance = randomUUID();
    const folders = { outputsDir: join(scratchDir, 'outputs'), inputsDir: join(scratchDir, 'inputs') };
    const server = await startServer({
      ...{ localPackage, environment: prepared, instance, scratchDir, ...folders },
      sdkFolder: join(root, 'models/_server/src'),
      compileCacheFolder: cacheLayout(settings.cacheDir).compiled,
      affinity: cpuAffinity(settings.path),
    });
    const exited = server.exited.then((end) => end.exitCode);
    const close = async (): Promise<void> => {
      await server.stop();
      held.release();
      await rm(scratchDir, { recursive: true, force: true });
    };
    return { url: server.url, instance, ...folders, exited, terminate: () => server.stop().then((end) => end.exitCode), close };
  } catch (error) {
    held.release();
    await rm(scratchDir, { recursive: true, force: true });
    throw error;
  }
}
