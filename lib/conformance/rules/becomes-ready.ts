/** Rule: the server becomes ready and says so in the shape of the contract. */
import { isObject } from '../../driver/protocols/answer-guards.ts';
import { healthSchema } from '../../driver/protocols/native.ts';
import { failed, jsonOf, passed, type Rule, wordsOf } from '../rule.ts';

const POLL_MS = 200;
/** A server that runs already listens; one that is started for the check may take its time. */
const SILENT_MS = 5_000;

export const becomesReady: Rule = {
  id: 'becomes-ready',
  title: 'GET /health answers 503 while the server starts and 200 once it is ready',
  protocols: ['native', 'openai-chat', 'evaluator'],
  run: async (context) => {
    const began = performance.now();
    let seen = 'no connection';
    let hasAnswered = false;
    while (performance.now() - began < context.readyMs) {
      const result = await context.send({ method: 'GET', path: '/health' });
      seen = wordsOf(result);
      hasAnswered ||= result.kind === 'answer';
      if (!hasAnswered && context.instance === null && performance.now() - began > SILENT_MS)
        return failed(seen, 'Start the server, or correct the URL: nothing answers there.');
      const isLoading = saysStarting(jsonOf(result));
      if (result.kind === 'answer' && result.status === 200 && !isLoading)
        return judge(context.protocol !== 'openai-chat', context.instance, jsonOf(result), seen);
      if (result.kind === 'answer' && result.status !== 503 && !isLoading) break;
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
    return failed(seen, 'Answer 503 with {"status": "starting"} while weights load, then 200 with {"status": "ready"}.');
  },
};

/** With 200 it is a fault of its own: see loading-is-503. */
function saysStarting(body: unknown): boolean {
  return isObject(body) && body.status === 'starting';
}

function judge(isNative: boolean, instance: string | null, body: unknown, seen: string) {
  if (!isNative) return passed(seen);
  const parsed = healthSchema.safeParse(body);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    return failed(
      seen,
      `Answer {status, model, version, instance, setupSeconds, device}; ${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}.`,
    );
  }
  if (instance !== null && parsed.data.instance !== instance) {
    return failed(`instance ${JSON.stringify(parsed.data.instance)}`, 'Echo the environment variable BAKEOFF_INSTANCE as `instance`.');
  }
  return passed(`ready after ${parsed.data.setupSeconds ?? 'an unknown number of'} s of setup`);
}
