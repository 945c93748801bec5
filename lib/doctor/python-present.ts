/** Python packages need CPython 3.11, and pip, venv or uv to install with. */
import { BakeoffError } from '../core/errors.ts';
import type { Check } from './finding.ts';

export const checkPython: Check = async (machine) => {
  try {
    const python = await machine.findPython();
    const found = `CPython ${python.version} (${python.executable})`;
    if (python.pip || python.venv || machine.findProgram('uv') !== null) return { id: 'python', status: 'ok', found, remedy: null };
    const remedy = 'Install pip or venv for it (Debian 12: `apt-get install python3.11-venv`), or put uv on the PATH.';
    return { id: 'python', status: 'missing', found: `${found} without pip, venv or uv`, remedy };
  } catch (cause) {
    if (!(cause instanceof BakeoffError)) throw cause;
    return { id: 'python', status: 'missing', found: cause.message, remedy: cause.remedy };
  }
};
