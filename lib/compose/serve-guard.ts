/**
 * Who may speak to the server of one machine. It asks nobody who they are, so it must not be reached by a page of another site: neither
 * directly (Origin) nor under a name that was bent to this machine (Host, DNS rebinding). Called by serve.ts before every request.
 */
import { isIP } from 'node:net';

export type Refusal = 'host-not-allowed' | 'origin-not-allowed';

/** `127.0.0.1`, `::1`, `localhost`: what no other machine can reach. */
export function isLoopbackHost(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));
}

export interface GuardOptions {
  /** As the server was told to listen on. */
  readonly host: string;
  readonly port: number;
}

/** Null when the request may go on. */
export function refusalOf(request: Pick<Request, 'headers' | 'method'>, { host, port }: GuardOptions): Refusal | null {
  const named = request.headers.get('host') ?? '';
  if (!isOwnHost(named, host, port)) return 'host-not-allowed';
  const origin = request.headers.get('origin');
  if (origin !== null && origin.toLowerCase() !== `http://${named.toLowerCase()}`) return 'origin-not-allowed';
  const site = request.headers.get('sec-fetch-site');
  const isRead = request.method === 'GET' || request.method === 'HEAD';
  // A link on another page may lead here; a form or a script of it may change nothing.
  return isRead || site === null || site === 'same-origin' || site === 'none' ? null : 'origin-not-allowed';
}

/** A name is ours only if it is this machine's own; an address cannot be bent, so any is, where other machines were let in. */
function isOwnHost(named: string, host: string, port: number): boolean {
  const match = /^(\[[0-9a-f:.]+\]|[a-z0-9.-]+)(?::(\d{1,5}))?$/i.exec(named);
  if (match === null || Number(match[2] ?? 80) !== port) return false;
  const name = (match[1] ?? '').replace(/^\[|\]$/g, '').toLowerCase();
  if (isLoopbackHost(name) || name === host.toLowerCase()) return true;
  return !isLoopbackHost(host) && isIP(name) !== 0;
}
