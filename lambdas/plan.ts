/** Plans the jobs of a run and where they run. Called by the state machine. */
import { join } from 'node:path';
import { awsPlan } from '../lib/compose/aws-plan.ts';
import { environment } from '../lib/settings.ts';
import { stepKeys } from './telemetry/log-keys.ts';
import { telemetry } from './telemetry/observed-handler.ts';

const { log, observe } = telemetry();
const plan = awsPlan(environment(), join(import.meta.dirname, 'registry'), log);

export const handler = observe(async (event) => {
  const answer = await plan(event);
  log.info('planned', { jobs: answer.ordinals.length, maxConcurrency: answer.maxConcurrency });
  return answer;
}, stepKeys);
