/** Notes when machines of the fleet come and go. Called by the rule on EC2's state changes. */
import { awsInstanceLifecycle } from '../lib/compose/aws-instance-lifecycle.ts';
import { environment } from '../lib/settings.ts';
import { telemetry } from './telemetry/observed-handler.ts';

const { log, observe } = telemetry();
const note = awsInstanceLifecycle(environment());

export const handler = observe(async (event) => {
  const record = await note(event);
  if (record !== null) log.info('noted', { instance: record.instanceId, class: record.className, terminatedAtMs: record.terminatedAtMs });
  return { noted: record !== null };
});
