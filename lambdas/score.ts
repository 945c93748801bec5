/** Computes the scores of a job. Called by the state machine. */
import { awsScore } from '../lib/compose/aws-score.ts';
import { environment } from '../lib/settings.ts';
import { stepKeys } from './telemetry/log-keys.ts';
import { telemetry } from './telemetry/observed-handler.ts';

const { log, observe } = telemetry();
const score = awsScore(environment());

export const handler = observe(async (event) => {
  const answer = await score(event);
  if (answer.failure !== null) log.warn('the rows cannot be scored', { code: answer.failure.code });
  return answer;
}, stepKeys);
