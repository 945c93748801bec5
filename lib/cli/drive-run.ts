/**
 * Drives one run that the local server has accepted, in a process of its own: `drive-run.ts DIR ROOT RUN`. Started by
 * lib/compose/run-queue.ts; SIGTERM interrupts it, so that the run can be resumed.
 */
import { readLocalRegistry } from '../compose/local-registry.ts';
import { type LocalRunner, localRunner } from '../compose/local-runner.ts';
import { systemClock } from '../compose/clock.ts';
import { type LocalStores, openLocalStores } from '../compose/local.ts';
import { resolveImages } from '../compose/resolve-images.ts';
import { thisOwner } from '../compose/run-owner.ts';
import { BakeoffError, messageOf } from '../core/errors.ts';
import type { PackageRef } from '../core/job.ts';
import { keys } from '../core/object-key.ts';
import { planRun } from '../core/plan.ts';
import { specSchema } from '../core/spec.ts';
import { environment, readSettings } from '../settings.ts';
import { changeRun } from '../workflow/change-run.ts';
import { readJsonObject } from '../workflow/read-json-object.ts';
import { failRun } from './fail-run.ts';
import { packagesOfStart } from './packages-of-start.ts';
import { SOFTWARE_VERSION } from './software-version.ts';

const [dir = '', root = '', runId = ''] = process.argv.slice(2);
const stores = openLocalStores(dir);
try {
  await driveRun(stores, root, runId);
} catch (error) {
  process.stderr.write(`run ${runId}: ${messageOf(error)}\n`);
  await failRun(stores.runs, runId, error, 'workflow-failed').catch(() => undefined);
  process.exitCode = 1;
} finally {
  stores.close();
}

async function driveRun(stores: LocalStores, root: string, runId: string): Promise<void> {
  const { objects, runs } = stores;
  const settings = readSettings(environment());
  const { run } = await changeRun(runs, runId, (found) =>
    found.state === 'accepted' ? { ...found, state: 'running', owner: thisOwner(), updatedAtMs: systemClock.nowMs() } : null,
  );
  if (run.owner !== thisOwner()) return;
  const registry = await readLocalRegistry({ root, extraModelFolders: settings.extraModelFolders });
  const stored = await readJsonObject(objects, keys.spec(runId), specSchema);
  const spec = await resolveImages(stored, settings.dockerHost);
  if (spec !== stored) await objects.put(keys.spec(runId), `${JSON.stringify(spec, null, 2)}\n`);
  const runner = localRunner({
    ...{ runId, stores, registry, root, cacheDir: settings.cacheDir, python: settings.python, path: settings.path, home: settings.home },
    ...{ installerEnv: environment(), softwareVersion: SOFTWARE_VERSION, onLog: () => {}, onNote: () => {} },
    ...{ environment: 'auto', dockerHost: settings.dockerHost, baseImage: settings.baseImage },
  });
  let isInterrupted = false;
  const interrupt = (): void => {
    isInterrupted = true;
    runner.interrupt();
  };
  process.on('SIGTERM', interrupt).on('SIGINT', interrupt);
  // What was cancelled while it waited runs nothing: the workflow goes straight to its report.
  if (!run.cancelRequested)
    await prepare(runner, await packagesOfStart(run, planRun({ spec, registry, runId, softwareVersion: SOFTWARE_VERSION }).jobs, stores));
  if (isInterrupted) await release(stores, runId);
  else await runner.drive(run);
}

/** One package that cannot be installed fails its own jobs, later; anything else fails the run now. */
async function prepare(runner: LocalRunner, packages: readonly PackageRef[]): Promise<void> {
  try {
    await runner.prepare(packages, () => {});
  } catch (error) {
    const isItsJobs = error instanceof BakeoffError && /^(install-failed$|install-interrupted$|package-|image-)/.test(error.code);
    if (!isItsJobs) throw error;
  }
}

/** Nobody drives it any more: it can be resumed. */
async function release({ runs }: LocalStores, runId: string): Promise<void> {
  await changeRun(runs, runId, (found) =>
    found.owner === thisOwner() ? { ...found, owner: null, updatedAtMs: systemClock.nowMs() } : null,
  );
}
