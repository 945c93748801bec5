/** Rule: a server that loads its weights says so, and takes no work. First of all: a moment later it may be ready. */
import type { HttpResult } from '../../driver/http-client.ts';
import { isObject } from '../../driver/protocols/answer-guards.ts';
import { complete } from '../complete.ts';
import { putGeneration } from '../generate.ts';
import { type CheckContext, type Finding, failed, jsonOf, passed, type Rule, type SampleInput, skipped, wordsOf } from '../rule.ts';

const POLL_MS = 20;
const SILENT_MS = 5_000;
/** A server that is started for the check has at most this long until it listens, as far as this rule goes. */
const START_MS = 60_000;
const ANY_INPUT: SampleInput = { task: 'text-to-video', prompt: 'a prompt' };

export const loadingIs503: Rule = {
  id: 'loading-is-503',
  title: 'while weights load, GET /health and generations answer 503',
  protocols: ['native', 'openai-chat', 'evaluator'],
  run: async (context) => {
    const began = performance.now();
    const limitMs = context.instance === null ? SILENT_MS : Math.min(START_MS, context.readyMs);
    while (performance.now() - began < limitMs) {
      const health = await context.send({ method: 'GET', path: '/health' });
      if (health.kind === 'answer') return judge(context, health);
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
    return skipped('nothing answered');
  },
};

async function judge(context: CheckContext, health: HttpResult): Promise<Finding> {
  const body = jsonOf(health);
  const status = isObject(body) ? body.status : null;
  if (health.kind !== 'answer' || health.status !== 503) {
    if (status !== 'starting') return skipped('it was ready at the first answer, or never will be');
    return failed(`health: ${wordsOf(health)}`, 'Answer /health with 503 until a generation would be taken.');
  }
  if (status === 'failed' || context.protocol === 'evaluator') return passed(`health: ${wordsOf(health)}`);
  const work = await ask(context);
  if (work.kind === 'answer' && work.status === 503) return passed('503 and 503');
  const now = await context.send({ method: 'GET', path: '/health' });
  if (now.kind === 'answer' && now.status === 200) return passed('503, then ready before it could be asked for work');
  return failed(`a generation: ${wordsOf(work)}`, 'Refuse generations with 503 while weights load; the driver comes again.');
}

function ask(context: CheckContext): Promise<HttpResult> {
  const input = context.input ?? ANY_INPUT;
  if (context.protocol === 'openai-chat') return complete(context, input, { stream: false });
  return putGeneration(context, input, { id: 'check-loading', seed: 1 });
}
