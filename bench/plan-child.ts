/**
 * Parses and plans a spec of so many jobs in this process and prints `{jobs, parseMs, planMs, referenceMs, baseMiB, peakMiB}`. The reference
 * is JSON there and back of the planned jobs: what anything costs that only copies them. `node bench/plan-child.ts JOBS`.
 */
import { keepYoungGenerationSmall } from '../lib/compose/steady-memory.ts';
import { parseSpec } from '../lib/core/parse-spec.ts';
import { planRun } from '../lib/core/plan.ts';
import { SHAPES_SPEC, testRegistry } from '../test/fixtures/registry-fixture.ts';

/** `steps` x `guidance` makes the jobs; the fixture's other model stays out. */
function specOf(jobs: number): string {
  const steps = Array.from({ length: Math.min(50, jobs) }, (_, index) => index + 1);
  const guidance = Array.from({ length: 100 }, (_, index) => index / 8);
  const sampler = ['euler', 'heun'];
  const halves = jobs > 5000 ? sampler : sampler.slice(0, 1);
  const columns = guidance.slice(0, Math.ceil(jobs / (steps.length * halves.length)));
  const matrix = JSON.stringify({ steps, guidance: columns, sampler: halves });
  return SHAPES_SPEC.replace('matrix: { steps: [1, 2, 4, 8, 16] }', `matrix: ${matrix}`).replace('  - model: oracle-t2v\n', '');
}

function planned(jobs: number) {
  const startedMs = performance.now();
  const parsed = parseSpec(specOf(jobs), { registry: testRegistry });
  const parsedMs = performance.now();
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems.slice(0, 3)));
  const run = planRun({ spec: parsed.spec, registry: testRegistry, runId: 'bench', softwareVersion: '0' });
  const parts = { parseMs: parsedMs - startedMs, planMs: performance.now() - parsedMs };
  if (run.jobs.length !== jobs) throw new Error(`planned ${run.jobs.length} jobs, expected ${jobs}`);
  return { run, ...parts };
}

function peakMiB(): number {
  return process.resourceUsage().maxRSS / 1024;
}

keepYoungGenerationSmall();
const jobs = Number(process.argv[2]);
planned(1);
const baseMiB = peakMiB();
const { run, parseMs, planMs } = planned(jobs);
const peak = peakMiB();
const copyStartedMs = performance.now();
const copies: unknown = JSON.parse(JSON.stringify(run.jobs));
const referenceMs = performance.now() - copyStartedMs;
if (!Array.isArray(copies) || copies.length !== jobs) throw new Error('the reference lost jobs');
console.log(JSON.stringify({ jobs, parseMs, planMs, referenceMs, baseMiB, peakMiB: peak }));
