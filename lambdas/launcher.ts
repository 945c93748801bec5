/** Starts a run for a spec that was uploaded. Called by the rule on "Object Created"; what it throws is delivered again, then kept aside. */
import { join } from 'node:path';
import { awsLauncher } from '../lib/compose/aws-launcher.ts';
import { environment } from '../lib/settings.ts';
import { telemetry } from './telemetry/observed-handler.ts';

const { log, observe } = telemetry();
const launch = awsLauncher(environment(), join(import.meta.dirname, 'registry'), log);

export const handler = observe(async (event) => {
  const end = await launch(event);
  if (end.kind === 'ignored') log.warn('nothing to start', { reason: end.reason });
  else if (end.kind === 'rejected') log.warn('the spec is not valid', { run: end.runId, problems: end.problems.length });
  else log.info(end.kind === 'started' ? 'the run is started' : 'the run was started before', { run: end.runId });
  return { kind: end.kind };
});
