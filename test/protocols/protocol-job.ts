/** A job in real local stores whose model speaks a given protocol, and rows as the suites of protocols compare them. */
import { afterAll, afterEach, beforeAll } from 'vitest';
import type { FrozenItem, Job } from '../../lib/core/job.ts';
import { keys } from '../../lib/core/object-key.ts';
import type { ModelProtocolName } from '../../lib/core/protocols.ts';
import type { SampleRow } from '../../lib/core/sample.ts';
import { type JobFixture, jobFixture, RUN } from '../fixtures/driver-job.ts';
import type { StockServer } from './stock-server.ts';

export interface ProtocolJobOptions {
  readonly serverUrl: string;
  readonly protocol: ModelProtocolName;
  readonly inputs: readonly FrozenItem['input'][];
  readonly task?: string;
  readonly params?: Job['params'];
  readonly load?: Job['load'];
  readonly limits?: Partial<Job['limits']>;
  readonly model?: string;
}

export async function protocolJob(options: ProtocolJobOptions): Promise<JobFixture> {
  const { serverUrl, protocol, inputs, task = 'image-to-text', params = {}, limits = {} } = options;
  const id = options.model ?? 'words';
  const model = { id, version: '1.0.0', digest: 'a'.repeat(64), title: id, reference: false, protocol };
  const load: Job['load'] = options.load ?? { mode: 'closed', concurrency: 1, warmup: 0 };
  const job = await jobFixture({
    prompts: inputs.map(() => ''),
    serverUrl,
    limits: { readyMs: 60_000, ...limits },
    job: { model, task, params, load },
  });
  const items = inputs.map((input, index): FrozenItem => ({ id: `item-${index}`, input, attributes: {} }));
  await job.stores.objects.put(keys.items(RUN), items.map((item) => `${JSON.stringify(item)}\n`).join(''));
  return job;
}

export interface ServedJobs {
  readonly url: () => string;
  /** Closed after the test. */
  readonly job: (options: Omit<ProtocolJobOptions, 'serverUrl' | 'protocol'> & { readonly serverUrl?: string }) => Promise<JobFixture>;
}

interface Served extends Pick<ProtocolJobOptions, 'protocol' | 'task' | 'params'> {
  readonly start: () => Promise<StockServer>;
}

/** One server for all tests of a describe, and jobs for each of them. */
export function servedJobs({ start, ...shared }: Served): ServedJobs {
  let server: StockServer | null = null;
  const open: JobFixture[] = [];
  const url = (): string => server?.url ?? '';
  beforeAll(async () => {
    server = await start();
  });
  afterAll(() => server?.stop());
  afterEach(async () => {
    for (const each of open.splice(0)) await each.close();
  });
  return {
    url,
    job: async (options) => {
      const made = await protocolJob({ serverUrl: url(), ...shared, ...options });
      open.push(made);
      return made;
    },
  };
}

/** In order of issue: the output of what succeeded, class and code of what failed. */
export function endsOf(rows: readonly SampleRow[]): unknown[] {
  return rows
    .filter((row) => !row.warmup)
    .toSorted((a, b) => a.ordinal - b.ordinal)
    .map((row) => (row.state === 'succeeded' ? row.output : [row.error.class, row.error.code]));
}

export function rowOf(rows: readonly SampleRow[], ordinal: number): SampleRow {
  const row = rows.find((each) => each.ordinal === ordinal);
  if (row === undefined) throw new Error(`no row of ordinal ${ordinal}`);
  return row;
}
