/**
 * What a run's control plane is asked and costs, from the model in lib/core/control-plane.ts, against the machine's dollars of the same run
 * on a g6.xlarge on Spot. Nothing is measured here: counts follow from the code, durations of functions are assumptions.
 */
import { controlPlaneCost } from '../lib/core/control-plane.ts';
import { usdOf } from '../lib/core/cost.ts';
import { INSTANCE_TYPES } from '../lib/core/instance-catalogue.ts';
import { EXAMPLE_RUNS, shareOf } from '../lib/infra/costs-page.ts';

const JOBS = [1, 10, 100, 1000];
const SAMPLES = [10, 100, 1000, 10_000, 100_000];
const SECONDS_PER_SAMPLE = 60;

export async function run(): Promise<void> {
  const usdPerHour = INSTANCE_TYPES.get('g6.xlarge')?.spot.usdPerHour ?? Number.NaN;
  console.log(
    `Control plane of a run, one evaluator, videos of ${SECONDS_PER_SAMPLE} s each; g6.xlarge on Spot at $${usdPerHour}/h (infer alone)`,
  );
  console.log('   jobs samples/job transitions  calls   GB-s table w+r     beats  S3 put+get   S3 events         $   of machine');
  for (const jobs of JOBS) {
    for (const samplesPerJob of SAMPLES) {
      const size = { jobs, evaluatorsPerJob: 1, samplesPerJob, filesPerSample: 1, secondsPerSample: SECONDS_PER_SAMPLE };
      const { counts, gbSeconds, usd } = controlPlaneCost(size);
      const machineUsd = usdOf(jobs * samplesPerJob * SECONDS_PER_SAMPLE, usdPerHour);
      const cells = [
        [jobs, 7],
        [samplesPerJob, 12],
        [counts.transitions, 12],
        [counts.invocations, 7],
        [Math.round(gbSeconds), 7],
        [counts.tableWrites + counts.tableReads, 10],
        [counts.beatWrites + counts.beatReads, 9],
        [counts.objectPuts + counts.objectGets, 12],
        [counts.objectEvents, 11],
        [usd.total.toPrecision(3), 10],
        [`${((100 * usd.total) / machineUsd).toFixed(3)} %`, 12],
      ] as const;
      console.log(cells.map(([value, width]) => String(value).padStart(width)).join(' '));
    }
  }
  console.log('  the examples, against the machines that they would bill there, 15 idle minutes of each included (target: under 1 %):');
  for (const [name, size] of Object.entries(EXAMPLE_RUNS)) {
    const { usd } = controlPlaneCost(size);
    const share = (part: number) => `${((100 * shareOf(size) * part) / usd.total).toFixed(2)} %`;
    console.log(`  ${name}: $${usd.total.toPrecision(3)}, ${share(usd.total)}; without object requests ${share(usd.total - usd.objects)}`);
  }
  console.log(
    `  free tier, not taken off: ${controlPlaneCost({ jobs: 1, evaluatorsPerJob: 1, samplesPerJob: 1, filesPerSample: 1, secondsPerSample: 1 }).freeTier.join('; ')}`,
  );
}

if (import.meta.main) await run();
