/** The Report step with its adapters. lambdas/report.ts is its only caller. */
import { dynamoRunIndex } from '../adapters/aws/dynamo-run-index.ts';
import { type ReportAnswer, reportStep } from '../workflow/steps/report-step.ts';
import { runInputSchema } from '../workflow/steps/step-input.ts';
import { awsEvents } from './aws-events.ts';
import { awsStores } from './aws-stores.ts';
import { systemClock } from './clock.ts';
import type { FunctionLog } from './function-log.ts';
import { functionSettings, readFunctionSettings } from './function-settings.ts';

/** Host facts are null: jobs ran on machines of the fleet, and each names its own device. */
export function awsReport(environment: NodeJS.ProcessEnv, log: FunctionLog): (event: unknown) => Promise<ReportAnswer> {
  const settings = readFunctionSettings(environment, functionSettings.pick({ bucket: true, table: true, eventBus: true }));
  const { dynamo, objects, runs } = awsStores(settings);
  const publication = { index: dynamoRunIndex({ client: dynamo, table: settings.table }), events: awsEvents(settings.eventBus, log) };
  return (event) =>
    reportStep(runInputSchema.parse(event), { objects, runs, clock: systemClock, host: null, environment: 'aws', publication });
}
