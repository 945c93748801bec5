/**
 * What holds for every protocol: samples are answered in rows of the contract, a failure is one sample's, a deadline is kept and the server waited
 * for, a death is noticed. Each suite brings a real server and inputs that make it do these things.
 */
import { expect, it } from 'vitest';
import type { FrozenItem, Job } from '../../lib/core/job.ts';
import type { ModelProtocolName } from '../../lib/core/protocols.ts';
import type { SampleOutput } from '../../lib/core/sample.ts';
import { runDriver } from '../../lib/driver/run-driver.ts';
import { type JobFixture, RUN } from '../fixtures/driver-job.ts';
import { endsOf, type ServedJobs, servedJobs } from './protocol-job.ts';
import type { StockServer } from './stock-server.ts';

type Input = FrozenItem['input'];

export interface Subject {
  readonly protocol: ModelProtocolName;
  readonly start: () => Promise<StockServer>;
  readonly task?: string;
  readonly params?: Job['params'];
  /** Two inputs that are answered, and what with. */
  readonly answered: readonly [Input, Input];
  readonly answerTo: (input: Input, seed: number) => SampleOutput;
  /** Makes the model raise, and what is recorded then. */
  readonly fails: Input;
  readonly failure: readonly [failureClass: string, code: string];
  /** Keeps the model busy for about three seconds. */
  readonly slow: Input;
  /** How a server refuses what comes while it works, which it may still do for a moment after it has answered; absent for one that queues. */
  readonly busy?: string;
}

/** To be called inside a describe; further tests may use what it returns. */
export function keepsTheContract(subject: Subject): ServedJobs {
  const { protocol, start, task, params } = subject;
  const served = servedJobs({ protocol, start, ...(task === undefined ? {} : { task }), ...(params === undefined ? {} : { params }) });
  const { job } = served;
  const [first, second] = subject.answered;

  it('answers every sample with its own seed, in rows of the contract', async () => {
    const made = await job({ inputs: [first, second, first] });
    expect(await runDriver(await made.nextAttempt())).toMatchObject({ kind: 'finished', outcome: { succeeded: 3, failed: 0 } });
    const rows = (await made.rows()).toSorted((a, b) => a.ordinal - b.ordinal);
    expect(endsOf(rows)).toEqual([first, second, first].map((input, index) => subject.answerTo(input, rows[index]!.seed)));
    for (const { timings, tries } of rows) {
      expect(tries.filter(({ error }) => error === null || error.code !== subject.busy)).toHaveLength(1);
      expect(timings!.firstByteMs).toBeGreaterThanOrEqual(timings!.sentMs);
      expect(timings!.doneMs).toBeGreaterThanOrEqual(timings!.firstByteMs!);
    }
  });

  it('keeps the failure of one sample to itself', async () => {
    const made = await job({ inputs: [first, subject.fails, second] });
    expect(await runDriver(await made.nextAttempt())).toMatchObject({ kind: 'finished', outcome: { succeeded: 2, failed: 1 } });
    expect(endsOf(await made.rows())[1]).toEqual(subject.failure);
  });

  it('ends a sample at its deadline, and answers the next one', async () => {
    const made = await job({ inputs: [subject.slow, first], limits: { sampleMs: 1_200 } });
    expect(await runDriver(await made.nextAttempt())).toMatchObject({ kind: 'finished', outcome: { failed: 1 } });
    const [late, next] = (await made.rows()).toSorted((a, b) => a.ordinal - b.ordinal);
    expect(late).toMatchObject({ state: 'failed', error: { class: 'timeout', code: 'sample-deadline' } });
    expect(next?.state === 'succeeded' && next.output).toEqual(subject.answerTo(first, next!.seed));
  });

  it('suspects the sample during which the server died', async () => {
    const mortal = await subject.start();
    const made = await job({ serverUrl: mortal.url, inputs: [subject.slow, first] });
    const driven = runDriver({ ...(await made.nextAttempt()), tuning: { beatMs: 50 } });
    await Promise.race([untilSending(made), driven]);
    await mortal.stop();
    expect(await driven).toMatchObject({ kind: 'ended', end: { kind: 'server-died' } });
    expect(await made.stage()).toMatchObject({ suspects: [{ sampleId: 'item-0.0', deaths: 1 }] });
  });

  return served;
}

/** Until the load has begun, and its first sample is with the server. */
async function untilSending(job: JobFixture): Promise<void> {
  const isSending = async (): Promise<boolean> => (await job.stores.runs.listBeats(RUN)).some(({ phase }) => phase === 'infer');
  for (let looks = 0; looks < 600 && !(await isSending()); looks++) await new Promise((resolve) => setTimeout(resolve, 50));
  await new Promise((resolve) => setTimeout(resolve, 300));
}
