/** Rule: the server's own counters are readable by a Prometheus scraper. */
import { failed, passed, type Rule, wordsOf } from '../rule.ts';

export const tellsMetrics: Rule = {
  id: 'tells-metrics',
  title: 'GET /metrics answers Prometheus text',
  protocols: ['native'],
  run: async (context) => {
    const result = await context.send({ method: 'GET', path: '/metrics' });
    const lines = result.kind === 'answer' && result.status === 200 ? result.body.toString('utf8').split('\n') : [];
    const samples = lines.filter((line) => /^[a-zA-Z_:][a-zA-Z0-9_:]*(\{.*\})? [-+0-9.eEInfNa]+( [0-9]+)?$/.test(line));
    if (samples.length > 0) return passed(`${samples.length} series`);
    return failed(wordsOf(result), 'Answer text/plain with at least one `name value` line.');
  },
};
