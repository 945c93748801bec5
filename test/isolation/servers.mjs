/** Small servers inside a container of the isolation test: each says on every port that it was reached. Ends by itself. */
import { createSocket } from 'node:dgram';
import { createServer } from 'node:net';

const { ports, hosts } = JSON.parse(process.argv[2]);
const listening = [];
for (const host of hosts) {
  for (const port of ports) {
    const server = createServer((socket) => socket.on('error', () => undefined).end('reached'));
    listening.push(new Promise((resolve) => server.listen({ port, host, ipv6Only: true }, resolve)));
  }
  if (!ports.includes(53)) continue;
  const names = createSocket(host.includes(':') ? { type: 'udp6', ipv6Only: true } : 'udp4');
  names.on('message', (_, from) => names.send('reached', from.port, from.address));
  listening.push(new Promise((resolve) => names.bind(53, host, resolve)));
}
await Promise.all(listening);
console.log('listening');
setTimeout(() => process.exit(0), 5 * 60_000);
process.on('SIGTERM', () => process.exit(0));
