/** Packages in JavaScript are installed by npm. */
import type { Check } from './finding.ts';

export const checkNpm: Check = async (machine) => {
  const path = machine.findProgram('npm');
  if (path !== null) return { id: 'npm', status: 'ok', found: path, remedy: null };
  const remedy = 'Install npm (it comes with Node) and put it on the PATH.';
  return { id: 'npm', status: 'missing', found: 'no npm on the PATH: packages in JavaScript cannot be installed', remedy };
};
