/**
 * `npm run bench [NAME…]`: prints the figures of the README and of docs/benchmarks.md, each a ratio against a named reference of the same run.
 * Nothing here passes or fails: machines are shared and noisy.
 */
import * as atRest from './at-rest.ts';
import * as calibration from './calibration.ts';
import * as controlPlane from './control-plane.ts';
import * as driver from './driver.ts';
import * as lambda from './lambda.ts';
import * as loadGenerators from './load-generators.ts';
import * as plan from './plan.ts';
import * as rank from './rank.ts';
import * as score from './score.ts';
import * as startUp from './start-up.ts';
import * as textMetrics from './text-metrics.ts';

const BENCHES = {
  'start-up': startUp,
  driver,
  calibration,
  score,
  'text-metrics': textMetrics,
  rank,
  plan,
  'at-rest': atRest,
  'control-plane': controlPlane,
  lambda,
  'load-generators': loadGenerators,
};
/** Runs only when it is named: it installs gigabytes. */
const ONLY_BY_NAME = 'load-generators';
const wanted = process.argv.slice(2);

for (const [name, bench] of Object.entries(BENCHES)) {
  if (wanted.length > 0 ? !wanted.includes(name) : name === ONLY_BY_NAME) continue;
  process.stdout.write(`\n== ${name}\n`);
  await bench.run();
}
