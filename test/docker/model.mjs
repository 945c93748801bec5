/**
 * A model of the container tests, in an image of Node alone. It does to a sample what the first word of its message names, so that one job
 * can hold every kind of trouble. Speaks the native protocol, as far as a run needs it.
 */
import { createServer } from 'node:http';
import { connect } from 'node:net';
import { readFileSync, writeFileSync } from 'node:fs';

if (process.argv[2] === 'exit') {
  console.error('no weights here');
  process.exit(9);
}
const hold = [];
let hung = false;

const errorOf = (action) => {
  try {
    return action() ?? 'allowed';
  } catch (error) {
    return error.code;
  }
};

const reach = ({ host, port }) =>
  new Promise((resolve) => {
    const socket = connect({ host, port, timeout: 3000 });
    socket.on('connect', () => {
      socket.destroy();
      resolve('reached');
    });
    socket.on('error', ({ code }) => resolve(code));
    socket.on('timeout', () => {
      socket.destroy();
      resolve('ETIMEDOUT');
    });
  });

const acts = {
  reach: async (words) => JSON.stringify(await Promise.all(JSON.parse(words).map(reach))),
  rights: () => {
    const status = readFileSync('/proc/self/status', 'utf8');
    const line = (name) => new RegExp(`^${name}:\\s+(.*)$`, 'm').exec(status)?.[1];
    return JSON.stringify({
      uid: process.getuid(),
      gid: process.getgid(),
      capabilities: line('CapEff'),
      bounding: line('CapBnd'),
      noNewPrivileges: line('NoNewPrivs'),
      root: errorOf(() => writeFileSync('/here', '')),
      inputs: errorOf(() => writeFileSync(`${process.env.BAKEOFF_INPUTS}/here`, '')),
      environment: Object.keys(process.env).sort(),
    });
  },
  memory: () => {
    for (;;) hold.push(Buffer.alloc(16 << 20, 1));
  },
  full: () => errorOf(() => {
    for (let count = 0; count < 1000; count += 1) writeFileSync(`/tmp/${count}`, Buffer.alloc(4 << 20, 1));
  }),
  die: () => process.exit(7),
  hang: () => {
    hung = true;
    return new Promise(() => undefined);
  },
  slow: () => new Promise((resolve) => setTimeout(() => resolve('late'), 60_000)),
};

async function answer(body) {
  const text = body.input.messages.at(-1).content;
  const [word] = text.split(' ', 1);
  const act = acts[word];
  return act === undefined ? `echo ${text} ${body.seed}` : await act(text.slice(word.length + 1));
}

const server = createServer(async (request, response) => {
  if (hung) return;
  const send = (status, body) => response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  if (request.url === '/health')
    return send(200, { status: 'ready', model: 'any', version: '1', instance: process.env.BAKEOFF_INSTANCE, setupSeconds: 0, device: { kind: 'cpu' } });
  if (request.url === '/requirements') return send(200, { schemaVersion: 1, model: 'any', version: '1', tasks: ['chat'] });
  if (request.url === '/shutdown') {
    send(202, {});
    setTimeout(() => process.exit(0), 20);
    return;
  }
  const id = /^\/generate\/([^/]+)$/.exec(request.url)?.[1];
  if (id === undefined || request.method !== 'PUT') return send(404, {});
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  const body = JSON.parse(Buffer.concat(chunks).toString('utf8'));
  const text = await answer(body);
  const timings = { queueMs: 0, loadMs: 0, generateMs: 0.1, encodeMs: 0 };
  const rest = { timings, usage: null, peakAcceleratorMemoryMiB: null, effectiveParams: {}, seed: body.seed };
  send(200, { id, status: 'succeeded', progress: 1, output: { text }, ...rest, error: null });
});
process.on('SIGTERM', () => process.exit(0));
server.listen(Number(process.env.PORT), process.env.HOST, () => console.log(`listens on ${process.env.PORT}`));
