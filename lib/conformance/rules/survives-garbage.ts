/** Rule: requests that are none are refused one by one, never with 5xx, and the server works on as the same instance. */
import { isObject } from '../../driver/protocols/answer-guards.ts';
import { failed, jsonOf, passed, type Rule, wordsOf } from '../rule.ts';
import { workRoute } from '../work-route.ts';

const DEPTH = 100_000;
const GARBAGE: Readonly<Record<string, string | Buffer>> = {
  'no body': '',
  'bytes that are not UTF-8': Buffer.from([0xff, 0xfe, 0x00, 0x80]),
  'a number': '7',
  'a list': '[]',
  'an object of nothing': '{}',
  'members of the wrong type': '{"task":7,"input":[],"params":"x","messages":{},"model":[],"scorers":1,"samples":{},"seed":"one"}',
  'a seed below 0':
    '{"task":"text-to-video","input":{"prompt":"a"},"seed":-1,"model":"x","messages":[{"role":"user","content":"a"}],"samples":-1}',
  'lists nested 100,000 deep': `${'['.repeat(DEPTH)}${']'.repeat(DEPTH)}`,
};

export const survivesGarbage: Rule = {
  id: 'survives-garbage',
  title: 'eight bodies that are no request answer 4xx each, and the server answers on',
  protocols: ['native', 'openai-chat', 'evaluator'],
  run: async (context) => {
    const { method, path } = workRoute(context.protocol);
    for (const [what, body] of Object.entries(GARBAGE)) {
      const result = await context.send({ method, path, headers: { 'content-type': 'application/json' }, body });
      if (result.kind === 'answer' && result.status >= 400 && result.status < 500) continue;
      return failed(`${what}: ${wordsOf(result)}`, 'Parse a body before anything else, and answer 400 to what does not parse.');
    }
    const health = await context.send({ method: 'GET', path: '/health' });
    const body = jsonOf(health);
    const isSame =
      context.instance === null || context.protocol === 'openai-chat' || (isObject(body) && body.instance === context.instance);
    if (health.kind === 'answer' && health.status === 200 && isSame) return passed(`${Object.keys(GARBAGE).length} times 4xx`);
    return failed(`afterwards: ${wordsOf(health)}`, 'Keep serving after a bad request; nothing of it may stay behind.');
  },
};
