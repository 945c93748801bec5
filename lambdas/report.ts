/** Writes the report of a run and settles it. Called by the state machine. */
import { awsReport } from '../lib/compose/aws-report.ts';
import { METRICS } from '../lib/core/environment-names.ts';
import { environment } from '../lib/settings.ts';
import { stepKeys } from './telemetry/log-keys.ts';
import { telemetry } from './telemetry/observed-handler.ts';

const { log, measure, observe } = telemetry();
const report = awsReport(environment(), log);

export const handler = observe(async (event) => {
  const answer = await report(event);
  if (answer.costUsd !== null) measure(METRICS.runCostUsd, answer.costUsd);
  log.info('the run is settled', { state: answer.state, costUsd: answer.costUsd });
  return answer;
}, stepKeys);
