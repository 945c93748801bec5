/**
 * The emulator level as one runner with counts, for `npm run e2e` and for test/run-all.ts: makes sure of Docker, removes what an interrupted
 * run left, and runs the tests.
 */
import { join } from 'node:path';
import { type Counts, noCounts, readJunit, runStep } from '../test-step.ts';
import { cleanUp } from './clean-up.ts';
import { DEFAULT_LOG_FOLDER, ensureDocker, whyNoDocker } from './docker-daemon.ts';
import { makeWorkFolder, PORT, RUN_MARK } from './work-folder.ts';

interface EmulatorStepOptions {
  readonly root: string;
  /** Folder for the JUnit file. */
  readonly reports: string;
  /** Installs and starts Docker where it is missing; without it the level is skipped there, loudly. */
  readonly isRequired: boolean;
  /** More arguments of vitest. */
  readonly args?: readonly string[];
}

/** Never throws: what hinders it is a failure of the level. */
export async function runEmulatorStep(options: EmulatorStepOptions): Promise<Counts> {
  try {
    if (options.isRequired) await ensureDocker(DEFAULT_LOG_FOLDER);
    const reason = await whyNoDocker();
    if (reason === null) return await runLevel(options);
    process.stdout.write(`\n== emulator\nSKIPPED: ${reason}. \`npm run e2e\` as root installs and starts what it needs.\n`);
    return { ...noCounts(), skipped: 1 };
  } catch (thrown) {
    process.stdout.write(`\n== emulator\nFAILED: ${thrown instanceof Error ? thrown.message : String(thrown)}\n`);
    return { ...noCounts(), failed: 1 };
  }
}

async function runLevel({ root, reports, args = [] }: EmulatorStepOptions): Promise<Counts> {
  await refuseSecond();
  const left = await cleanUp();
  if (left > 0) process.stdout.write(`removed ${left} containers of an interrupted run\n`);
  makeWorkFolder();
  const report = join(reports, 'emulator.xml');
  const reporters = ['--reporter=verbose', '--reporter=junit', `--outputFile.junit=${report}`];
  const vitest = [join(root, 'node_modules/vitest/vitest.mjs'), 'run', '--config', join(import.meta.dirname, 'vitest.config.ts')];
  const [name = '', value] = RUN_MARK.split('=');
  const env = { ...process.env, [name]: value };
  const exitCode = await runStep('emulator', process.execPath, [...vitest, ...reporters, ...args], { cwd: root, env });
  await cleanUp();
  return readJunit('emulator', report, exitCode);
}

/** Another run's containers would be taken for leftovers. */
async function refuseSecond(): Promise<void> {
  const answer = await fetch(`http://127.0.0.1:${PORT}/`).catch(() => null);
  if (answer === null) return;
  throw new Error(`port ${PORT} is taken, perhaps by another run of this level: wait for its end, or set BAKEOFF_E2E_PORT`);
}
