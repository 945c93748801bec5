/** uv installs several times faster than pip; without one it is fetched, pinned by its hash, at the first install. */
import type { Check } from './finding.ts';

export const checkUv: Check = async (machine) => {
  const path = machine.findProgram('uv');
  const found = path ?? `none on the PATH: uv ${machine.uvVersion} is fetched by its hash at the first install`;
  return { id: 'uv', status: 'ok', found, remedy: null };
};
