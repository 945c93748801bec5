/** One job against a scripted server: how it ended, and what became of each sample. */
import { type DriverEnd, runDriver } from '../../lib/driver/run-driver.ts';
import type { JobFixture } from '../fixtures/driver-job.ts';
import type { ScriptedServer } from '../fixtures/servers/scripted-server.ts';
import type { SampleRow } from '../../lib/core/sample.ts';
import { endsOf, protocolJob, type ProtocolJobOptions } from './protocol-job.ts';

type Options = Omit<ProtocolJobOptions, 'serverUrl'>;

export interface Driven {
  readonly end: DriverEnd;
  readonly ends: unknown[];
  readonly rows: SampleRow[];
}

/** A job that is there to be driven; `close` ends the server too. */
export async function scriptedJob(
  server: ScriptedServer,
  options: Options,
): Promise<{ readonly job: JobFixture; readonly close: () => Promise<void> }> {
  const job = await protocolJob({ ...options, serverUrl: server.url });
  const close = async (): Promise<void> => {
    await job.close();
    await server.stop();
  };
  return { job, close };
}

/** Drives one attempt, and closes job and server. */
export async function drivenBy(server: ScriptedServer, options: Options): Promise<Driven> {
  const { job, close } = await scriptedJob(server, options);
  try {
    const end = await runDriver(await job.nextAttempt());
    const rows = await job.rows();
    return { end, ends: endsOf(rows), rows };
  } finally {
    await close();
  }
}
