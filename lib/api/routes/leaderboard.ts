/** The best results of one suite and one metric over all runs. */
import { z } from 'zod';
import { idSchema } from '../../core/ids.ts';
import type { Registry } from '../../core/registry.ts';
import { METRIC_PATTERN } from '../../core/spec.ts';
import { decodeCursor, encodeCursor } from '../cursor.ts';
import { metricFacts } from '../metric-facts.ts';
import { problemOf } from '../problems.ts';
import { type ApiRoute, defineRoute } from '../route.ts';
import { pageQuerySchema } from '../schemas/page.ts';
import { leaderboardSchema } from '../schemas/result.ts';

const querySchema = pageQuerySchema.extend({
  suite: idSchema.meta({ description: 'Id of a registered suite, or the digest of any suite.' }),
  metric: z.string().max(200).regex(METRIC_PATTERN).meta({
    description:
      '`<scorer>.<metric>`, `score.total`, or a figure of load: `latency.p50.empirical`, `ttft.p90.certified`, `gap.p99.empirical`, `throughput.samples`, `throughput.tokens`, `goodput.share`, `goodput.rate`.',
  }),
  version: z.string().min(1).max(64).optional().meta({
    description:
      'Of the scorer; default: the registered one. Of a figure of load it names the load as well: `1.0.0/closed-1` by default; a model’s history names those of other loads.',
  }),
  direction: z.enum(['higher', 'lower']).optional().meta({ description: 'What is best; default: as the metric declares.' }),
});

const getLeaderboard = defineRoute({
  method: 'get',
  path: '/v1/leaderboard',
  operationId: 'getLeaderboard',
  tag: 'results',
  summary: 'List the results of a suite and a metric over all runs, best first',
  description:
    'Results are of equal suite digest and scorer version, figures of load of equal load and objectives; hardware and software may differ: see each run.',
  params: z.strictObject({}),
  query: querySchema,
  success: { status: 200, schema: leaderboardSchema, description: 'A page of results' },
  problems: ['unknown-suite', 'unknown-metric', 'metric-without-direction', 'bad-cursor', 'not-acceptable'],
  handle: async ({ query }, ports) => {
    const registry = await ports.readRegistry(null);
    const question = { suiteDigest: digestOf(query.suite, registry), metric: query.metric, ...factsOf(query, registry) };
    const scope = `leaderboard/${JSON.stringify(question)}`;
    const position = decodeCursor(scope, z.string(), query.cursor);
    const { items, cursor } = await ports.index.leaderboard({ ...question, limit: query.limit, cursor: position });
    return { kind: 'json', body: { ...question, items: [...items], cursor: cursor === null ? null : encodeCursor(scope, cursor) } };
  },
});

function digestOf(suite: string, { suites }: Registry): string {
  const digest = suites.get(suite)?.digest ?? (/^[0-9a-f]{64}$/.test(suite) ? suite : undefined);
  if (digest !== undefined) return digest;
  throw problemOf(
    'unknown-suite',
    'no suite of this id is registered',
    'Name a suite that GET /v1/suites lists, or give the digest of one.',
  );
}

function factsOf({ metric, version, direction }: z.output<typeof querySchema>, registry: Registry) {
  const facts = metricFacts(metric, registry);
  const metricVersion = version ?? facts?.version;
  const best = direction ?? facts?.direction;
  if (best === 'none') {
    throw problemOf(
      'metric-without-direction',
      'the metric is a diagnostic: neither more nor less of it is better',
      'Give direction to sort by it all the same.',
    );
  }
  if (metricVersion === undefined || best === undefined) {
    throw problemOf(
      'unknown-metric',
      'no registered scorer offers this metric',
      'Name a metric of a run, or give version and direction with it.',
    );
  }
  return { metricVersion, direction: best };
}

export const LEADERBOARD_ROUTES: readonly ApiRoute[] = [getLeaderboard];
