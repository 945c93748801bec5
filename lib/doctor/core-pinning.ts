/** Where there is `taskset`, a server stays on as many cores as its manifest declares. */
import type { Check } from './finding.ts';

export const checkCorePinning: Check = async (machine) => {
  const path = machine.findProgram('taskset');
  if (path !== null) return { id: 'core-pinning', status: 'ok', found: path, remedy: null };
  const found = 'no taskset: a server may use more cores than it declares (its libraries are still told how many)';
  return { id: 'core-pinning', status: 'warn', found, remedy: 'On Linux, install util-linux.' };
};
