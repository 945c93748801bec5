/** Small parts of the process environment that decide something. */
import { createServer } from 'node:net';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { canBind, chooseFreePort, saysPortTaken } from '../../lib/adapters/local/process/free-port.ts';
import { phaseClock } from '../../lib/adapters/local/process/phase-clock.ts';

describe('a free port', () => {
  it('lies below the range of outgoing connections and can be listened on', async () => {
    const port = await chooseFreePort();

    expect(port).toBeGreaterThanOrEqual(20_000);
    expect(port).toBeLessThan(30_000);
    expect(await canBind(port)).toBe(true);
  });

  it('is not one that somebody listens on', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const { port } = z.object({ port: z.number() }).parse(server.address());

    expect(await canBind(port)).toBe(false);
    server.close();
  });
});

describe('the last words of a server whose port is taken', () => {
  it.each([
    'OSError: [Errno 98] Address already in use',
    'OSError: [Errno 48] Address already in use',
    "ERROR:    [Errno 98] error while attempting to bind on address ('127.0.0.1', 20001): address already in use",
    'Error: listen EADDRINUSE: address already in use 127.0.0.1:20001',
  ])('are known: %s', (words) => {
    expect(saysPortTaken(words)).toBe(true);
  });

  it.each([null, '', 'OSError: [Errno 9] Bad file descriptor', 'RuntimeError: 98 problems'])('are not seen in others: %s', (words) => {
    expect(saysPortTaken(words)).toBe(false);
  });
});

describe('a phase clock', () => {
  it('adds up a phase that is entered twice and leaves no gap', () => {
    const times = [100, 130, 190, 200];
    const clock = phaseClock('install', () => times.shift() ?? 0);
    clock.enter('drive');
    clock.enter('install');

    expect(clock.end()).toEqual({ install: 40, drive: 60 });
  });
});
