/**
 * `npm run demo`: the three example specs, one after the other, as a newcomer would run them. Progress while they run; at the end
 * one leaderboard per spec and the path of each report.
 */
import { spawn } from 'node:child_process';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');
const SPECS = ['examples/diabetes.yaml', 'examples/ocr-lines.yaml', 'examples/shapes-steps.yaml'];

interface Ended {
  readonly exitCode: number;
  readonly stdout: string;
}

function runSpec(spec: string): Promise<Ended> {
  process.stderr.write(`\n== bakeoff run ${spec}\n`);
  return new Promise((resolve, reject) => {
    const args = [join(root, 'bin/bakeoff.mjs'), 'run', join(root, spec), ...process.argv.slice(2)];
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    let stdout = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
    });
    child.on('error', reject);
    child.on('close', (exitCode) => resolve({ exitCode: exitCode ?? 1, stdout }));
  });
}

let worst = 0;
const endings: string[] = [];
for (const spec of SPECS) {
  const { exitCode, stdout } = await runSpec(spec);
  endings.push(exitCode === 0 ? stdout : `${stdout}\n${spec} ended with exit code ${exitCode}\n`);
  worst = Math.max(worst, exitCode);
  if (exitCode === 130) break;
}
process.stdout.write(endings.join(''));
process.exitCode = worst;
