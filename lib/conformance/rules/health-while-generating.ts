/** Rule: health answers within a second whatever the model does. */
import { generateOnce } from '../generate.ts';
import { failed, passed, type Rule, skipped } from '../rule.ts';

const LIMIT_MS = 1_000;
const PAUSE_MS = 50;

export const healthWhileGenerating: Rule = {
  id: 'health-while-generating',
  title: 'GET /health answers within 1 s while a generation runs',
  protocols: ['native', 'openai-chat'],
  run: async (context) => {
    if (context.input === null) return skipped('no registered suite has this task');
    let running = true;
    const generation = generateOnce(context, context.input, { id: 'check-health', seed: 6 }).finally(() => {
      running = false;
    });
    const slow: string[] = [];
    let asked = 0;
    let slowestMs = 0;
    while (running) {
      const began = performance.now();
      const result = await context.send({ method: 'GET', path: '/health' }, LIMIT_MS);
      slowestMs = Math.max(slowestMs, performance.now() - began);
      asked += 1;
      if (result.kind !== 'answer' || result.status !== 200) slow.push(result.kind === 'answer' ? String(result.status) : result.kind);
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    }
    await generation;
    const seen = `asked ${asked} times, slowest ${Math.ceil(slowestMs)} ms`;
    if (slow.length === 0) return passed(seen);
    return failed(`${seen}; ${slow.join(', ')}`, "Run the model outside the server's own loop, as the SDK's worker process does.");
  },
};
