/** Servers listen on ports of 127.0.0.1. */
import { BakeoffError } from '../core/errors.ts';
import type { Check } from './finding.ts';

export const checkLoopbackPort: Check = async (machine) => {
  try {
    await machine.chooseFreePort();
    return { id: 'loopback', status: 'ok', found: 'ports of 127.0.0.1 can be listened on', remedy: null };
  } catch (cause) {
    if (!(cause instanceof BakeoffError)) throw cause;
    return { id: 'loopback', status: 'missing', found: cause.message, remedy: cause.remedy };
  }
};
