/**
 * Starts the real server as a process of its own on a free port, for the tests beside this file.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { fileURLToPath } from 'node:url';

const PACKAGE = fileURLToPath(new URL('..', import.meta.url));

/** @returns the base URL, the process, the statuses that /health gave before `ready`, and `exit`, the promise of its exit code */
export async function startServer({ instance = 'token-1' } = {}) {
  const port = await freePort();
  const child = spawn(process.execPath, ['src/main.mjs'], {
    cwd: PACKAGE,
    env: {
      PATH: process.env.PATH,
      NODE_PATH: process.env.NODE_PATH ?? '',
      PORT: String(port),
      HOST: '127.0.0.1',
      BAKEOFF_INSTANCE: instance,
    },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const exit = once(child, 'exit').then(([code]) => code);
  const url = `http://127.0.0.1:${port}`;
  const early = await untilReady(url, exit);
  return { url, child, exit, early };
}

async function untilReady(url, exit) {
  let ended = false;
  exit.then(() => {
    ended = true;
  });
  const early = [];
  while (!ended) {
    const response = await fetch(`${url}/health`).catch(() => null);
    if (response?.status === 200) return early;
    if (response !== null) early.push({ status: response.status, body: await response.json() });
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error(`the server ended with ${await exit} before it was ready`);
}

async function freePort() {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address();
  probe.close();
  await once(probe, 'close');
  return port;
}
