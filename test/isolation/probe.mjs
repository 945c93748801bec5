/** Tries addresses from inside a container of the isolation test and prints what became of each: `reached`, or the error's code. */
import { createSocket } from 'node:dgram';
import { connect } from 'node:net';

/** A rule rejects at once; only a network that swallows packets takes this long. */
const LIMIT_MS = 3_000;

function overTcp({ host, port }) {
  return new Promise((resolve) => {
    const socket = connect({ host, port, timeout: LIMIT_MS });
    let text = '';
    socket.on('data', (chunk) => (text += chunk));
    socket.on('end', () => resolve(text));
    socket.on('error', ({ code }) => resolve(code));
    socket.on('timeout', () => {
      socket.destroy();
      resolve('ETIMEDOUT');
    });
  });
}

function overUdp({ host, port }) {
  return new Promise((resolve) => {
    const socket = createSocket(host.includes(':') ? 'udp6' : 'udp4');
    const end = (what) => {
      clearTimeout(timer);
      socket.close();
      resolve(what);
    };
    const timer = setTimeout(() => end('ETIMEDOUT'), LIMIT_MS);
    socket.on('error', ({ code }) => end(code));
    socket.on('message', (text) => end(String(text)));
    socket.connect(port, host, () => socket.send('?', (error) => error && end(error.code)));
  });
}

const targets = JSON.parse(process.argv[2]);
const results = await Promise.all(targets.map((target) => (target.udp ? overUdp(target) : overTcp(target))));
console.log(JSON.stringify(results));
