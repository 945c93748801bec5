/** Decides what a job does next. Called by the state machine after every task, score and wait of a job. */
import { awsAdvance } from '../lib/compose/aws-advance.ts';
import { METRICS } from '../lib/core/environment-names.ts';
import { environment } from '../lib/settings.ts';
import { stepKeys } from './telemetry/log-keys.ts';
import { telemetry } from './telemetry/observed-handler.ts';

const { log, measure, observe } = telemetry();
const advance = awsAdvance(environment(), (code) => {
  log.warn('a task could not start', { code });
  measure(METRICS.taskCannotStart, 1);
});

export const handler = observe(async (event) => {
  const answer = await advance(event);
  const { jobId, stage, attempt } = answer.task ?? {};
  log.info('decided', { action: answer.action, job: jobId, stage, attempt });
  return answer;
}, stepKeys);
