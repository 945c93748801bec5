/**
 * `npm test`: every test of the project, one summary line at the end. TypeScript by vitest; each Python package by pytest and the
 * Node package by node's own runner, each in the environment that its lock makes; the deployed system on an emulated AWS where there is
 * Docker (BAKEOFF_REQUIRE_DOCKER=1 installs and starts it). Exit code 1 when anything failed.
 */
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { environment, readSettings } from '../lib/settings.ts';
import { type Counts, addCounts, noCounts, readJunit, runStep } from './test-step.ts';
import { DEFAULT_LOG_FOLDER, ensureDocker } from './emulator/docker-daemon.ts';
import { runEmulatorStep } from './emulator/emulator-step.ts';
import { packageSteps } from './package-steps.ts';

const root = join(import.meta.dirname, '..');
const reports = mkdtempSync(join(tmpdir(), 'bakeoff-tests-'));
const only = process.argv.slice(2);

async function runVitest(): Promise<Counts> {
  const report = join(reports, 'vitest.xml');
  const vitest = join(root, 'node_modules/vitest/vitest.mjs');
  const args = [vitest, 'run', '--reporter=dot', '--reporter=junit', `--outputFile.junit=${report}`];
  const exitCode = await runStep('vitest', process.execPath, args, { cwd: root, env: process.env });
  return readJunit('vitest', report, exitCode);
}

async function main(): Promise<number> {
  const isRequired = process.env.BAKEOFF_REQUIRE_DOCKER === '1';
  // Tests of the isolation need it too, and come first.
  if (isRequired) await ensureDocker(DEFAULT_LOG_FOLDER);
  const steps = [
    { name: 'vitest', run: runVitest },
    ...(await packageSteps({ root, reports, settings: readSettings(environment()), environment: environment() })),
    { name: 'emulator', run: () => runEmulatorStep({ root, reports, isRequired }) },
  ].filter((step) => only.length === 0 || only.includes(step.name));
  let total = noCounts();
  const lines: string[] = [];
  for (const step of steps) {
    const counts = await step.run();
    total = addCounts(total, counts);
    lines.push(`${step.name.padEnd(18)} ${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`);
  }
  process.stdout.write(`\n${lines.join('\n')}\n\n${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped\n`);
  return total.failed === 0 && total.passed > 0 ? 0 : 1;
}

process.exitCode = await main();
