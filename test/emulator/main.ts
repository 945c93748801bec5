/** `npm run e2e`: the deployed system on an emulated AWS with real containers, from nothing to nothing. Ends with one line of counts. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runEmulatorStep } from './emulator-step.ts';

const reports = mkdtempSync(join(tmpdir(), 'bakeoff-e2e-report-'));
const startMs = performance.now();
const counts = await runEmulatorStep({ root: join(import.meta.dirname, '../..'), reports, isRequired: true, args: process.argv.slice(2) });
rmSync(reports, { recursive: true, force: true });
process.stdout.write(`\nwhole level: ${((performance.now() - startMs) / 1000).toFixed(0)} s\n`);
process.stdout.write(`\n${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped\n`);
process.exitCode = counts.failed === 0 && counts.passed > 0 ? 0 : 1;
