/** One runner of `npm test`: starts it, shows what it prints, and reads its JUnit file. Used by test/run-all.ts. */
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';

export interface Counts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

export const noCounts = (): Counts => ({ passed: 0, failed: 0, skipped: 0 });

export const addCounts = (a: Counts, b: Counts): Counts => ({
  passed: a.passed + b.passed,
  failed: a.failed + b.failed,
  skipped: a.skipped + b.skipped,
});

interface StepOptions {
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
}

export function runStep(name: string, program: string, args: readonly string[], options: StepOptions): Promise<number> {
  process.stdout.write(`\n== ${name}\n`);
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { ...options, stdio: ['ignore', 'inherit', 'inherit'] });
    child.on('error', reject);
    child.on('close', (exitCode) => resolve(exitCode ?? 1));
  });
}

/** Counts from the suites of a JUnit file. A runner that failed without a failed test, or wrote no file, counts as one failure. */
export function readJunit(name: string, path: string, exitCode: number): Counts {
  const counts = countCases(path);
  if (exitCode !== 0 && counts.failed === 0) {
    process.stdout.write(`${name} ended with exit code ${exitCode} though no test of its report failed\n`);
    return { ...counts, failed: 1 };
  }
  return counts.passed + counts.failed === 0 ? { ...counts, failed: 1 } : counts;
}

function countCases(path: string): Counts {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch {
    return noCounts();
  }
  let counts = noCounts();
  for (const [, , body = ''] of text.matchAll(/<testcase\b((?:[^>"]|"[^"]*")*?)(?:\/>|>([\s\S]*?)<\/testcase>)/g)) {
    if (/<(failure|error)\b/.test(body)) counts = { ...counts, failed: counts.failed + 1 };
    else if (/<skipped\b/.test(body)) counts = { ...counts, skipped: counts.skipped + 1 };
    else counts = { ...counts, passed: counts.passed + 1 };
  }
  return counts;
}
