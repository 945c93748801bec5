/** Finds the run of a deployment that a user names: its id, the start of one that is unique, or `latest`. */
import type { Run } from '../api/schemas/run.ts';
import { BakeoffError } from '../core/errors.ts';
import { ID_PATTERN } from '../core/ids.ts';
import type { DeploymentApi } from './deployment-api.ts';
import { chooseRun } from './find-run.ts';

/** So many of the newest are looked through for the start of an id. */
const LOOKED_THROUGH = 500;

export interface FoundRun {
  readonly run: Run;
  readonly etag: string | null;
  readonly nowMs: number;
}

/** Throws `run-unknown` with the nearest id. `nowMs` is the server's clock where it tells it. */
export async function findDeployedRun(api: DeploymentApi, name: string, stackName: string, localNowMs: () => number): Promise<FoundRun> {
  if (ID_PATTERN.test(name) && name !== 'latest') {
    try {
      return await read(api, name, localNowMs);
    } catch (thrown) {
      if (!(thrown instanceof BakeoffError) || thrown.code !== 'run-missing') throw thrown;
    }
  }
  const runs = await api.listRuns(LOOKED_THROUGH);
  const { runId } = chooseRun(runs, name, stackName, `Name a run that \`bakeoff list --stack ${stackName}\` shows.`);
  return await read(api, runId, localNowMs);
}

async function read(api: DeploymentApi, runId: string, localNowMs: () => number): Promise<FoundRun> {
  const looked = await api.getRun(runId);
  if (looked.kind === 'run') return { run: looked.run, etag: looked.etag, nowMs: looked.serverNowMs ?? localNowMs() };
  throw new TypeError('an answer without a body came to a request without an ETag');
}
