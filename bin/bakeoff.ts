#!/usr/bin/env node
/** CLI entry: hands the process to lib/cli/program.ts and takes its exit code. Users start it through bin/bakeoff.mjs. */
import { enableCompileCache } from 'node:module';
import { join } from 'node:path';
import { keepYoungGenerationSmall } from '../lib/compose/steady-memory.ts';

// Halves the time to start: types are stripped and code is compiled once per version of a file, not once per call.
enableCompileCache(join(import.meta.dirname, '../node_modules/.cache/bakeoff'));
const [{ main }, { INSTALLATION_ROOT }] = await Promise.all([import('../lib/cli/program.ts'), import('../lib/cli/software-version.ts')]);

// Scoring a million rows must not pay for room that nothing needs; other verbs do not notice.
keepYoungGenerationSmall();

for (const stream of [process.stdout, process.stderr]) {
  // The reader of a pipe may leave early (`bakeoff list | head -1`).
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(0);
    throw error;
  });
}

process.exitCode = await main(process.argv.slice(2), {
  stdout: process.stdout,
  stderr: process.stderr,
  cwd: process.cwd(),
  root: INSTALLATION_ROOT,
  isTty: process.stderr.isTTY === true,
  isStdoutTty: process.stdout.isTTY === true,
  columns: process.stdout.columns ?? process.stderr.columns ?? 80,
});
