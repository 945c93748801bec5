/**
 * The EventSink port on EventBridge: a run's events on the bus, for the team's own rules. A refused entry is told to the log and goes no
 * further: a lost event never stops a run.
 */
import { type EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { messageOf } from '../../core/errors.ts';
import type { EventSink } from '../../core/ports.ts';
import { RUN_EVENT_SOURCE, RUN_EVENT_TYPE, type RunEvent } from '../../core/run-event.ts';

export interface EventBridgeSinkOptions {
  readonly client: Pick<EventBridgeClient, 'send'>;
  /** Name or ARN. */
  readonly eventBus: string;
  /** Told of every event that did not arrive. */
  readonly onLost: (event: RunEvent, reason: string) => void;
}

/** PutEvents answers 200 with `FailedEntryCount` for entries that it refused. Never rejects. */
export function eventBridgeSink({ client, eventBus, onLost }: EventBridgeSinkOptions): EventSink {
  return {
    publish: async (event) => {
      const entry = {
        EventBusName: eventBus,
        Source: RUN_EVENT_SOURCE,
        DetailType: RUN_EVENT_TYPE,
        Detail: JSON.stringify(event),
        Time: new Date(event.atMs),
      };
      try {
        const answer = await client.send(new PutEventsCommand({ Entries: [entry] }));
        if ((answer.FailedEntryCount ?? 0) === 0) return;
        const [refused] = answer.Entries ?? [];
        onLost(event, `${refused?.ErrorCode ?? 'refused'}: ${refused?.ErrorMessage ?? 'no reason was given'}`);
      } catch (error) {
        onLost(event, messageOf(error));
      }
    },
  };
}
