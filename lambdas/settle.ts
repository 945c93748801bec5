/** Ends a run that an error or a stop has cut off. Called by the state machine, and by the rule on the end of its executions. */
import { awsSettle } from '../lib/compose/aws-settle.ts';
import { METRICS } from '../lib/core/environment-names.ts';
import { environment } from '../lib/settings.ts';
import { stepKeys } from './telemetry/log-keys.ts';
import { telemetry } from './telemetry/observed-handler.ts';

const { log, measure, observe } = telemetry();
const settle = awsSettle(environment(), log);

export const handler = observe(async (event) => {
  const answer = await settle(event);
  if (answer?.settled === true) measure(METRICS.runsFailed, 1);
  log.info(answer === null ? 'nothing to settle' : 'settled', { state: answer?.state ?? null, here: answer?.settled ?? false });
  return answer;
}, stepKeys);
