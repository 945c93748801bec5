/**
 * A free port on loopback for a server. From 20000-29999: below the range that systems hand out for outgoing connections, so
 * that none of those can take the port between our look and the server's bind.
 */
import { createServer } from 'node:net';
import { randomInt } from 'node:crypto';
import { BakeoffError } from '../../../core/errors.ts';

const FIRST = 20_000;
const LAST = 29_999;
const TRIES = 50;

/** Throws `port-taken` when 50 ports drawn at random are all in use. */
export async function chooseFreePort(): Promise<number> {
  for (let attempt = 0; attempt < TRIES; attempt++) {
    const port = randomInt(FIRST, LAST + 1);
    if (await canBind(port)) return port;
  }
  throw new BakeoffError({
    code: 'port-taken',
    message: `no free port on 127.0.0.1: ${TRIES} ports drawn from ${FIRST}-${LAST} are all in use, one is needed`,
    remedy: 'Stop what listens on ports 20000-29999 and run again.',
    kind: 'environment',
  });
}

/** True when a server could listen on this port of 127.0.0.1 now; 0 asks for any port. */
export function canBind(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', () => resolve(false));
    probe.listen({ port, host: '127.0.0.1', exclusive: true }, () => probe.close(() => resolve(true)));
  });
}

/** Whether a server's last words say that its port was taken: the words of Python, uvicorn and Node. */
export function saysPortTaken(logTail: string | null): boolean {
  return /EADDRINUSE|[Aa]ddress already in use|Errno (98|48)\b/.test(logTail ?? '');
}
