/**
 * A small process that outlives its CLI by seconds: when the pipe from the CLI closes, as it does when that dies of `kill -9`, it removes
 * the containers of the CLI's tasks. Run as `node reaper.ts SOCKET OWNER` by start-reaper.ts. Node's built-ins only, so that it starts at once.
 */
import { request } from 'node:http';

const [socketPath = '', owner = ''] = process.argv.slice(2);
/** A driver whose starter has died flushes and exits within this time. */
const DRIVER_FLUSHES_MS = 6_000;

process.on('SIGINT', () => undefined);
process.on('SIGHUP', () => undefined);
process.stdin.on('end', () => void reap());
process.stdin.on('error', () => void reap());
process.stdin.resume();

async function reap(): Promise<void> {
  for (const id of await containers('model')) await remove(id);
  const deadline = performance.now() + DRIVER_FLUSHES_MS;
  while ((await running('driver')) && performance.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 200));
  for (const role of ['driver', 'model'] as const) for (const id of await containers(role)) await remove(id);
  process.exit(0);
}

async function running(role: string): Promise<boolean> {
  return (await containers(role, ['running'])).length > 0;
}

async function containers(role: string, status?: readonly string[]): Promise<string[]> {
  const filters = { label: [`dev.bakeoff.owner=${owner}`, `dev.bakeoff.role=${role}`], ...(status === undefined ? {} : { status }) };
  const text = await call('GET', `/containers/json?all=1&filters=${encodeURIComponent(JSON.stringify(filters))}`);
  try {
    const found: unknown = JSON.parse(text);
    return Array.isArray(found) ? found.map((each: unknown) => idOf(each)).filter((id) => id !== '') : [];
  } catch {
    return [];
  }
}

function idOf(container: unknown): string {
  return typeof container === 'object' && container !== null && 'Id' in container ? String(container.Id) : '';
}

function remove(id: string): Promise<string> {
  return call('DELETE', `/containers/${id}?force=1&v=1`);
}

/** The body; empty when the daemon does not answer: the next start finds what is left. */
function call(method: string, path: string): Promise<string> {
  return new Promise((resolve) => {
    const outgoing = request({ socketPath, method, path, timeout: 30_000 }, (answer) => {
      let text = '';
      answer.on('data', (chunk: Buffer) => {
        text += chunk.toString('utf8');
      });
      answer.on('end', () => resolve(text));
    });
    outgoing.on('timeout', () => outgoing.destroy());
    outgoing.on('error', () => resolve(''));
    outgoing.end();
  });
}
