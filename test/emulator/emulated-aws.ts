/** The emulated AWS of one run of the level: MiniStack with the ECS agent's missing part, its clients, and calls that no client here has. */
import { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import { CloudWatchLogsClient, DescribeLogGroupsCommand, FilterLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { ECSClient } from '@aws-sdk/client-ecs';
import { S3Client } from '@aws-sdk/client-s3';
import { SFNClient } from '@aws-sdk/client-sfn';
import { z } from 'zod';
import { type ContainerAgent, startContainerAgent } from './container-agent.ts';
import { type MiniStack, startMiniStack } from './ministack.ts';
import { OWNER_LABEL, PORT } from './work-folder.ts';

export interface EmulatedAws {
  readonly ministack: MiniStack;
  readonly agent: ContainerAgent;
  readonly s3: S3Client;
  readonly dynamo: DynamoDBClient;
  readonly states: SFNClient;
  readonly ecs: ECSClient;
  readonly stacks: CloudFormationClient;
  readonly logs: CloudWatchLogsClient;
  /** Delivers an event to a function as EventBridge does: asynchronously when `isAsync`. Returns the function's answer otherwise. */
  readonly invoke: (functionName: string, event: unknown, isAsync: boolean) => Promise<string>;
  readonly functionNames: () => Promise<string[]>;
  /** How often each function was called so far, by the name of its construct (`Advance`); those never called are left out. */
  readonly functionCalls: () => Promise<Map<string, number>>;
  /** Requests of everyone in a span of time, by service and operation. */
  readonly requestCounts: (window: Window) => Promise<Map<string, number>>;
  readonly stop: () => Promise<void>;
}

const functionsSchema = z.object({ Functions: z.array(z.object({ FunctionName: z.string() })), NextMarker: z.string().nullish() });
const auditSchema = z.object({
  Events: z.array(z.object({ EventId: z.string(), EventName: z.string(), EventSource: z.string(), EventTime: z.number() })),
});

interface Window {
  readonly fromMs: number;
  readonly untilMs: number;
}

export async function startEmulatedAws(): Promise<EmulatedAws> {
  const agent = await startContainerAgent(OWNER_LABEL);
  const ministack = await startMiniStack({
    port: PORT,
    env: { CLOUDTRAIL_RECORDING: '1', CLOUDTRAIL_MAX_EVENTS: '1000000', LOG_LEVEL: 'INFO' },
  });
  const config = ministack.clientConfig;
  const logs = new CloudWatchLogsClient(config);
  let stopped: Promise<void> | null = null;
  const stop = (): Promise<void> => {
    stopped ??= ministack.stop().then(agent.close);
    return stopped;
  };
  return {
    ministack,
    agent,
    s3: new S3Client(config),
    dynamo: new DynamoDBClient(config),
    states: new SFNClient(config),
    ecs: new ECSClient(config),
    stacks: new CloudFormationClient(config),
    logs,
    invoke: (functionName, event, isAsync) => invoke(ministack.url, functionName, event, isAsync),
    functionNames: () => functionNames(ministack.url),
    functionCalls: () => functionCalls(logs),
    requestCounts: (window) => requestCounts(ministack.url, window),
    stop,
  };
}

async function invoke(url: string, functionName: string, event: unknown, isAsync: boolean): Promise<string> {
  const response = await fetch(`${url}/2015-03-31/functions/${functionName}/invocations`, {
    method: 'POST',
    headers: { 'x-amz-invocation-type': isAsync ? 'Event' : 'RequestResponse', 'content-type': 'application/json' },
    body: JSON.stringify(event),
  });
  const text = await response.text();
  if (!response.ok || response.headers.has('x-amz-function-error')) throw new Error(`${functionName} answered ${response.status}: ${text}`);
  return text;
}

async function functionNames(url: string): Promise<string[]> {
  const response = await fetch(`${url}/2015-03-31/functions/?MaxItems=1000`);
  return functionsSchema.parse(await response.json()).Functions.map(({ FunctionName }) => FunctionName);
}

/** Lambda writes a line at each start; the group is named after the function's construct. */
async function functionCalls(logs: CloudWatchLogsClient): Promise<Map<string, number>> {
  const calls = new Map<string, number>();
  const { logGroups } = await logs.send(new DescribeLogGroupsCommand({}));
  for (const { logGroupName = '' } of logGroups ?? []) {
    const [, name] = /\/([A-Za-z]+)Logs[0-9A-F]{8}$/.exec(logGroupName) ?? [];
    const { events } = await logs.send(new FilterLogEventsCommand({ logGroupName, filterPattern: '"START RequestId"' }));
    const starts = (events ?? []).filter(({ message }) => message?.startsWith('START RequestId:')).length;
    if (name !== undefined && starts > 0) calls.set(name, starts);
  }
  return calls;
}

/** The audit log answers the newest fifty up to a time: pages by time, told apart by id. */
async function requestCounts(url: string, { fromMs, untilMs }: Window): Promise<Map<string, number>> {
  const counts = new Map<string, number>();
  const seen = new Set<string>();
  let endSeconds = untilMs / 1000;
  for (;;) {
    const response = await fetch(url, {
      method: 'POST',
      headers: {
        'content-type': 'application/x-amz-json-1.1',
        'x-amz-target': 'com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101.LookupEvents',
      },
      body: JSON.stringify({ MaxResults: 50, StartTime: fromMs / 1000, EndTime: endSeconds }),
    });
    const fresh = auditSchema.parse(await response.json()).Events.filter(({ EventId }) => !seen.has(EventId));
    if (fresh.length === 0) return counts;
    for (const { EventId, EventName, EventSource, EventTime } of fresh) {
      seen.add(EventId);
      endSeconds = Math.min(endSeconds, EventTime);
      const name = `${EventSource.split('.')[0]}:${EventName}`;
      counts.set(name, (counts.get(name) ?? 0) + 1);
    }
  }
}
