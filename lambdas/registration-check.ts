/** Publishes how many machines run without having joined the cluster. Called by the state machine that waits five minutes for a new one. */
import { awsRegistrationCheck } from '../lib/compose/aws-registration-check.ts';
import { METRICS } from '../lib/core/environment-names.ts';
import { environment } from '../lib/settings.ts';
import { telemetry } from './telemetry/observed-handler.ts';

const { log, measure, observe } = telemetry();
const check = awsRegistrationCheck(environment());

export const handler = observe(async (event) => {
  const { checked, missing } = await check(event);
  if (checked > 0) measure(METRICS.instancesNotRegistered, missing.length);
  if (missing.length > 0) log.warn('instances have not joined the cluster', { instances: missing });
  return { checked, missing: missing.length };
});
