/**
 * The deployed system from nothing to nothing, on an emulated AWS with real containers: deploy, run, query, disturb, tear down. One file, in
 * order: the suites share one deployment. What an emulator shows is no proof for AWS; docs/limits.md and the runbook say what is left.
 */
import { afterAll, beforeAll } from 'vitest';
import { apiSuite } from './api-suite.ts';
import { cliSuite } from './cli-suite.ts';
import type { Upload } from './deployed-runs.ts';
import { examplesSuite } from './examples-suite.ts';
import { firstRunSuite } from './first-run-suite.ts';
import type { Example } from './reference-runs.ts';
import { startSuite } from './start-suite.ts';
import { teardownSuite } from './teardown-suite.ts';
import { troubleSuite } from './trouble-suite.ts';
import { openWorld, type World } from './world.ts';

let opened: World | null = null;
const world = (): World => {
  if (opened === null) throw new Error('there is no deployment: its making failed');
  return opened;
};
const started = new Map<Example, Promise<Upload>>();

beforeAll(async () => {
  opened = await openWorld();
});
afterAll(async () => {
  await opened?.close();
});

firstRunSuite(world, started);
examplesSuite(world, started);
startSuite(world);
troubleSuite(world);
cliSuite(world, started);
apiSuite(world, started);
teardownSuite(world);
