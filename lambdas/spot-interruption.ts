/** Stops the tasks of a machine that Spot takes back. Called by the rule on the interruption warning, two minutes before the end. */
import { awsSpotInterruption } from '../lib/compose/aws-spot-interruption.ts';
import { environment } from '../lib/settings.ts';
import { telemetry } from './telemetry/observed-handler.ts';

const { log, observe } = telemetry();
const stop = awsSpotInterruption(environment());

export const handler = observe(async (event) => {
  const end = await stop(event);
  log.info('the warning is answered', { ...end });
  return end;
});
