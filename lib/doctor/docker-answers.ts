/** Docker runs models in containers: images, and packages with --env docker. Runs of packages as processes need none. */
import type { Machine } from '../compose/machine.ts';
import { BakeoffError } from '../core/errors.ts';
import type { Finding } from './finding.ts';

const ID = 'containers';

export async function checkContainers(machine: Pick<Machine, 'dockerFacts'>): Promise<Finding> {
  const warn = (found: string, remedy: string): Finding => ({ id: ID, status: 'warn', found, remedy });
  if (process.platform !== 'linux') {
    return warn('containers need Linux: images cannot run here, packages can', 'Run images on Linux; packages run with --env process.');
  }
  try {
    const { version, architecture, gpus, hasNvidiaRuntime, isRootless } = await machine.dockerFacts();
    const found = `Docker ${version}, linux/${architecture}`;
    if (isRootless) {
      return warn(`${found}, rootless: models would not own what they write`, 'Use a Docker that runs as root, or --env process.');
    }
    if (gpus > 0 && !hasNvidiaRuntime) {
      return warn(`${found}, which cannot hand on the ${gpus} GPU of this machine`, 'Install the NVIDIA container toolkit.');
    }
    return { id: ID, status: 'ok', found, remedy: null };
  } catch (error) {
    if (!(error instanceof BakeoffError)) throw error;
    return warn(`${error.message}: images cannot run, packages can`, error.remedy);
  }
}
