/** Docker builds the images of packages at deploy time. Nobody else needs it: neither runs on this machine nor the use of a deployment. */
import type { Machine } from '../compose/machine.ts';
import type { Finding } from './finding.ts';

const ID = 'docker';

export function checkDocker(machine: Pick<Machine, 'findProgram'>): Finding {
  const path = machine.findProgram('docker');
  if (path !== null) return { id: ID, status: 'ok', found: path, remedy: null };
  const remedy =
    'Install Docker where you deploy from, or set CDK_DOCKER to a program that takes its commands; what is deployed works without.';
  return { id: ID, status: 'warn', found: 'none on the PATH: no image can be built, so nothing can be deployed from here', remedy };
}
