/**
 * A host of the isolation test: a network namespace with loopback services such as an instance has, joined to a second one that plays the
 * metadata service and the outside. Both are those of containers that end by themselves, so nothing outlives the test for long.
 */
import { join } from 'node:path';
import { docker, LABEL_OPTIONS, nodeImage, removeAll, run } from './test-containers.ts';

const here = import.meta.dirname;
const SCRIPT = join(here, '../../lib/infra/user-data/isolate-users.sh');

/** Addresses beyond the host. 192.0.2.0/24 and 2001:db8::/32 are for documentation: nothing real has them. */
export const OUTSIDE = { v4: '192.0.2.2', v6: '2001:db8::2' } as const;
export const METADATA = { v4: '169.254.169.254', v6: 'fd00:ec2::254' } as const;
/** Where a task's credentials are: the agent's own rule sends it to its port on loopback. */
export const CREDENTIALS = '169.254.170.2';
/** As on an instance of the fleet: SSH, names, Docker over TCP, GPU monitoring, the agent. */
export const CLOSED_PORTS = [22, 53, 2375, 2376, 5555, 51678, 51679, 51680] as const;
export const MODEL_PORT = 20123;

export interface Target {
  readonly host: string;
  readonly port: number;
  readonly udp?: boolean;
}

export interface IsolatedHost {
  readonly applyRules: () => void;
  /** What a container of that user, hardened as a task's are, gets from each target: `reached`, or an error's code. */
  readonly probe: (uid: number, targets: readonly Target[]) => string[];
  /** A server of that user on loopback, in a container of its own. */
  readonly serve: (uid: number, port: number) => void;
  readonly close: () => void;
}

/** Why it cannot be had on this machine; null when it can. */
export function whyNoIsolatedHost(): string | null {
  if (process.platform !== 'linux') return 'it needs Linux';
  if (process.getuid?.() !== 0) return 'it needs root';
  for (const [program, ...words] of [
    ['docker', 'info'],
    ['iptables', '-V'],
    ['ip6tables', '-V'],
    ['nsenter', '-V'],
    ['ip', '-V'],
  ]) {
    try {
      run(program ?? '', words);
    } catch {
      return `"${program} ${words.join(' ')}" fails`;
    }
  }
  return null;
}

export function isolatedHost(): IsolatedHost {
  removeAll();
  const image = nodeImage('host');
  const containers = (extra: readonly string[], script: string, argument: unknown): string =>
    docker([
      'run',
      ...extra,
      ...LABEL_OPTIONS,
      '--volume',
      `${here}:/probe:ro`,
      image,
      '/node',
      `/probe/${script}`,
      JSON.stringify(argument),
    ]);
  const network = ['--detach', '--rm', '--network', 'none', '--sysctl', 'net.ipv6.conf.all.disable_ipv6=0'];
  const beyond = containers([...network, '--sysctl', 'net.ipv6.conf.default.disable_ipv6=0'], 'servers.mjs', {
    ports: [53, 80, 443],
    hosts: ['0.0.0.0', '::'],
  });
  const host = containers([...network, '--sysctl', 'net.ipv6.conf.default.disable_ipv6=0'], 'servers.mjs', {
    ports: CLOSED_PORTS,
    hosts: ['127.0.0.1', '::1'],
  });
  for (const id of [beyond, host]) untilListening(id);
  joinNetworks(pidOf(host), pidOf(beyond));
  const hardened = (uid: number): string[] => [
    ...['--rm', '--network', `container:${host}`, '--user', `${uid}:10000`],
    ...['--read-only', '--cap-drop', 'ALL', '--security-opt', 'no-new-privileges'],
  ];
  return {
    applyRules: () => inNetworkOf(pidOf(host), SCRIPT, []),
    probe: (uid, targets) => JSON.parse(containers(hardened(uid), 'probe.mjs', targets)),
    serve: (uid, port) =>
      untilListening(containers(['--detach', ...hardened(uid)], 'servers.mjs', { ports: [port], hosts: ['127.0.0.1', '::1'] })),
    close: removeAll,
  };
}

/** A veth pair between the two, with the addresses; and the rule that the agent sets for credentials. */
function joinNetworks(host: number, beyond: number): void {
  const link = `bk${process.pid}`;
  run('ip', ['link', 'add', link, 'netns', String(host), 'type', 'veth', 'peer', 'name', 'eth0', 'netns', String(beyond)]);
  const near = (words: string): void => inNetworkOf(host, 'ip', words.split(' '));
  const far = (words: string): void => inNetworkOf(beyond, 'ip', words.split(' '));
  near(`address add 192.0.2.1/24 dev ${link}`);
  near(`-6 address add 2001:db8::1/64 dev ${link} nodad`);
  near(`link set ${link} up`);
  far(`address add ${OUTSIDE.v4}/24 dev eth0`);
  far(`-6 address add ${OUTSIDE.v6}/64 dev eth0 nodad`);
  far(`address add ${METADATA.v4}/32 dev eth0`);
  far(`-6 address add ${METADATA.v6}/128 dev eth0 nodad`);
  far('link set eth0 up');
  near(`route add ${METADATA.v4} dev ${link}`);
  near(`-6 route add ${METADATA.v6} dev ${link}`);
  near(`route add ${CREDENTIALS} dev ${link}`);
  const redirect = `-t nat -A OUTPUT -d ${CREDENTIALS} -p tcp --dport 80 -j REDIRECT --to-ports 51679`;
  inNetworkOf(host, 'iptables', redirect.split(' '));
}

function pidOf(container: string): number {
  return Number(docker(['inspect', '--format', '{{.State.Pid}}', container]));
}

function untilListening(container: string): void {
  for (let tries = 0; tries < 200; tries += 1) {
    if (docker(['logs', container]).includes('listening')) return;
    run('sleep', ['0.1']);
  }
  throw new Error(`container ${container} does not listen: ${docker(['logs', container])}`);
}

function inNetworkOf(pid: number, program: string, words: readonly string[]): void {
  run('nsenter', ['--target', String(pid), '--net', program, ...words]);
}
