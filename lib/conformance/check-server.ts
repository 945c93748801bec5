/**
 * Runs the rules of a protocol against a server, one after the other. Called by lib/cli/models-check.ts; it starts and ends nothing
 * itself.
 */
import { messageOf } from '../core/errors.ts';
import { httpClient } from '../driver/http-client.ts';
import { boundedCall } from '../driver/protocols/bounded-call.ts';
import type { CheckContext, Finding, Protocol, Rule, SampleInput } from './rule.ts';
import { answersLater } from './rules/answers-later.ts';
import { answersTheDriver } from './rules/answers-the-driver.ts';
import { badBodyIs400 } from './rules/bad-body-is-400.ts';
import { badChatIs400 } from './rules/bad-chat-is-400.ts';
import { becomesReady } from './rules/becomes-ready.ts';
import { cancelEndsIt } from './rules/cancel-ends-it.ts';
import { completesChats } from './rules/completes-chats.ts';
import { deadlineIsKept } from './rules/deadline-is-kept.ts';
import { endsOnSigterm } from './rules/ends-on-sigterm.ts';
import { errorsHaveClasses } from './rules/errors-have-classes.ts';
import { filesAreWhatTheySay } from './rules/files-are-what-they-say.ts';
import { generates } from './rules/generates.ts';
import { hangUpLeavesItWell } from './rules/hang-up-leaves-it-well.ts';
import { healthWhileGenerating } from './rules/health-while-generating.ts';
import { joinsWhileRunning } from './rules/joins-while-running.ts';
import { largeBodyIsRefused } from './rules/large-body-is-refused.ts';
import { listsModels } from './rules/lists-models.ts';
import { loadingIs503 } from './rules/loading-is-503.ts';
import { namesItsInstance } from './rules/names-its-instance.ts';
import { otherBodyConflicts } from './rules/other-body-conflicts.ts';
import { outputFitsTheTask } from './rules/output-fits-the-task.ts';
import { paramsHaveBounds } from './rules/params-have-bounds.ts';
import { repeatsAreIdempotent } from './rules/repeats-are-idempotent.ts';
import { seedIsHonoured } from './rules/seed-is-honoured.ts';
import { servesSeveral } from './rules/serves-several.ts';
import { shutsDown } from './rules/shuts-down.ts';
import { statesRequirements } from './rules/states-requirements.ts';
import { streamsChats } from './rules/streams-chats.ts';
import { streamsEvents } from './rules/streams-events.ts';
import { survivesGarbage } from './rules/survives-garbage.ts';
import { tellsItsMetrics } from './rules/tells-its-metrics.ts';
import { tellsMetrics } from './rules/tells-metrics.ts';
import { timesFitTheClock } from './rules/times-fit-the-clock.ts';
import { unknownIdIs404 } from './rules/unknown-id-is-404.ts';
import { writesWhatItClaims } from './rules/writes-what-it-claims.ts';

/** In the order in which they run: ready first, ended last. */
export const RULES: readonly Rule[] = [
  loadingIs503,
  becomesReady,
  statesRequirements,
  generates,
  outputFitsTheTask,
  writesWhatItClaims,
  filesAreWhatTheySay,
  timesFitTheClock,
  repeatsAreIdempotent,
  joinsWhileRunning,
  otherBodyConflicts,
  unknownIdIs404,
  badBodyIs400,
  errorsHaveClasses,
  paramsHaveBounds,
  healthWhileGenerating,
  answersLater,
  streamsEvents,
  cancelEndsIt,
  deadlineIsKept,
  tellsMetrics,
  tellsItsMetrics,
  listsModels,
  completesChats,
  streamsChats,
  badChatIs400,
  seedIsHonoured,
  servesSeveral,
  hangUpLeavesItWell,
  largeBodyIsRefused,
  survivesGarbage,
  answersTheDriver,
  namesItsInstance,
  shutsDown,
  endsOnSigterm,
];

export interface ServerToCheck {
  readonly url: string;
  readonly protocol: Protocol;
  readonly modelName: string;
  readonly input: SampleInput | null;
  /** Null for a server that was running already. */
  readonly started: {
    readonly instance: string;
    readonly outputsDir: string;
    readonly exited: Promise<number | null>;
    readonly terminate: () => Promise<number | null>;
  } | null;
  readonly readyMs?: number;
  readonly generationMs?: number;
}

export type CheckedRule = Pick<Rule, 'id' | 'title'> & Finding;

const READY_MS = 15 * 60_000;
const GENERATION_MS = 5 * 60_000;
const MAX_BYTES = 32 * 1024 * 1024;

/** Calls `onRule` as each rule ends. A server that never becomes ready is asked nothing more. */
export async function checkServer(server: ServerToCheck, onRule: (rule: CheckedRule) => void): Promise<CheckedRule[]> {
  const client = httpClient(server.url, 8);
  const context: CheckContext = {
    url: server.url,
    protocol: server.protocol,
    modelName: server.modelName,
    input: server.input,
    instance: server.started?.instance ?? null,
    outputsDir: server.started?.outputsDir ?? null,
    exited: server.started?.exited ?? null,
    terminate: server.started?.terminate ?? null,
    readyMs: server.readyMs ?? READY_MS,
    generationMs: server.generationMs ?? GENERATION_MS,
    send: (request, limitMs = 10_000) => boundedCall(client, { ...request, maxBytes: MAX_BYTES }, limitMs),
  };
  const checked: CheckedRule[] = [];
  try {
    for (const { id, title, protocols, run } of RULES) {
      if (!protocols.includes(server.protocol)) continue;
      const finding = await run(context).catch((error: unknown): Finding => {
        return { outcome: 'failed', seen: messageOf(error), remedy: "Look at the server's log: the rule could not be carried out." };
      });
      const rule = { id, title, ...finding };
      checked.push(rule);
      onRule(rule);
      if (id === becomesReady.id && finding.outcome === 'failed') break;
    }
  } finally {
    await client.close();
  }
  return checked;
}

/** Which protocol a running server speaks, by the route that only this protocol has. */
export async function detectProtocol(url: string): Promise<Protocol> {
  const client = httpClient(url, 1);
  try {
    for (const [path, protocol] of [
      ['/metrics-info', 'evaluator'],
      ['/requirements', 'native'],
      ['/v1/videos', 'openai-videos'],
      ['/v1/models', 'openai-chat'],
      ['/health-check', 'cog'],
      ['/v2/health/ready', 'oip-v2'],
      ['/ping', 'sagemaker'],
    ] as const) {
      const result = await boundedCall(client, { method: 'GET', path, maxBytes: MAX_BYTES }, 5_000);
      if (result.kind === 'answer' && result.status === 200) return protocol;
    }
    return 'native';
  } finally {
    await client.close();
  }
}
