/** A run's events, to the deployment's bus; what does not arrive is told to the log. */
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { eventBridgeSink } from '../adapters/aws/event-bridge-sink.ts';
import type { EventSink } from '../core/ports.ts';
import { SDK_RETRY } from './aws-stores.ts';
import type { FunctionLog } from './function-log.ts';

export function awsEvents(eventBus: string, log: FunctionLog): EventSink {
  return eventBridgeSink({
    client: new EventBridgeClient(SDK_RETRY),
    eventBus,
    onLost: ({ runId, state }, reason) => log.warn('an event of a run did not arrive', { run: runId, state, reason }),
  });
}
