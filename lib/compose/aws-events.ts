/** A run's events, to the deployment's bus; what does not arrive is told to the log. */
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { eventBridgeSink } from '../adapters/aws/event-bridge-sink.ts';
import type { EventSink } from '../core/ports.ts';
import { FUNCTION_CLIENT } from './aws-client-settings.ts';
import type { FunctionLog } from './function-log.ts';

export function awsEvents(eventBus: string, log: FunctionLog): EventSink {
  return eventBridgeSink({
    client: new EventBridgeClient(FUNCTION_CLIENT),
    eventBus,
    onLost: ({ runId, state }, reason) => log.warn('an event of a run did not arrive', { run: runId, state, reason }),
  });
}
