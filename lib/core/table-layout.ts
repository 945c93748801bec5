/**
 * The one table of a deployment, as facts: attributes, keys, indexes. lib/infra creates it from them, the DynamoDB adapters read and
 * write by them, contract tests create theirs from them. What goes into the keys is lib/adapters/aws/dynamo-keys.ts's.
 */
export const TABLE_KEYS = { partition: 'PK', sort: 'SK' } as const;

/** Everything else of an item. `record` is the record as JSON: a schema of lib/core is its only definition. */
export const TABLE_ATTRIBUTES = {
  record: 'record',
  /** Version of the record: state changes are conditional on it. */
  version: 'version',
  /** Random, of the write: tells our own write, whose answer was lost, from another's. */
  writer: 'writer',
  /** Millionths of a dollar, set aside by the jobs of a run. */
  reservedMicroUsd: 'reservedMicroUsd',
} as const;

type AttributeType = 'S' | 'N';

interface IndexLayout {
  readonly name: string;
  readonly partition: { readonly name: string; readonly type: AttributeType };
  readonly sort: { readonly name: string; readonly type: AttributeType };
}

/** Both project all attributes; a name has at least three characters (DynamoDB). Jobs, beats and aggregates have no attribute of an index and cost nothing there. */
export const TABLE_INDEXES = {
  /** By time: the newest runs, a model's history, instances by their end. */
  runs: { name: 'RUNS', partition: { name: 'RUNS_PK', type: 'S' }, sort: { name: 'RUNS_SK', type: 'S' } },
  /** By number: the leaderboard of a suite, a metric and its version. */
  leaderboard: { name: 'LEADERBOARD', partition: { name: 'LB_PK', type: 'S' }, sort: { name: 'LB_SK', type: 'N' } },
} as const satisfies Record<string, IndexLayout>;
