/**
 * Waits for a server to be ready, and tells whether it still lives. The only deadline is the caller's; a single probe is bounded, so
 * that a server that accepts and says nothing does not hold the wait.
 */
import type { Failure } from '../core/failure.ts';
import { modelError } from './protocols/answer-guards.ts';
import type { Health } from './protocols/model-protocol.ts';
import { abort, newSwitch, type Switch } from './http-client.ts';
import type { StopSwitch } from './stop-switch.ts';

export interface Prober {
  readonly health: (control: Switch) => Promise<Health>;
}

export type Readiness =
  | { readonly kind: 'ready'; readonly device: Readonly<Record<string, unknown>> | null }
  | { readonly kind: 'not-ready' | 'server-died' | 'wrong-instance' | 'refused'; readonly failure: Failure }
  | { readonly kind: 'stopped' };

export interface ReadyOptions {
  readonly server: Prober;
  readonly instance: string;
  readonly readyMs: number;
  readonly stop: StopSwitch;
  /** True once the server's process is known to have ended: then no connection will ever come. */
  readonly serverExited?: () => boolean;
}

const POLL_MS = 100;
const PROBE_MS = 5_000;

/** Polls until the server is ready, is someone else, has failed or died, the time is up, or the driver is asked to stop. */
export async function waitReady(options: ReadyOptions): Promise<Readiness> {
  const deadline = performance.now() + options.readyMs;
  let seen = 'no connection';
  let bad = false;
  while (options.stop.reason() === null) {
    const leftMs = deadline - performance.now();
    if (leftMs <= 0) return notReady(options.readyMs, seen, bad);
    const exited = options.serverExited?.() ?? false;
    const health = await probe(options.server, Math.min(PROBE_MS, leftMs));
    const verdict = judge(health, options.instance);
    if (verdict !== null) return verdict;
    if (exited)
      return { kind: 'server-died', failure: modelError('server-exited', `the server ended before it was ready (${wordsOf(health)})`) };
    seen = wordsOf(health);
    bad = health.kind === 'bad';
    await options.stop.pause(POLL_MS);
  }
  return { kind: 'stopped' };
}

/** One health probe, aborted after `limitMs`. */
export async function probe(server: Prober, limitMs: number): Promise<Health> {
  const control = newSwitch();
  const timer = setTimeout(() => abort(control, 'timeout'), limitMs);
  try {
    return await server.health(control);
  } finally {
    clearTimeout(timer);
  }
}

function judge(health: Health, instance: string): Readiness | null {
  if (health.kind !== 'up') return null;
  if (health.instance !== null && health.instance !== instance)
    return { kind: 'wrong-instance', failure: wrongInstance(health.instance, instance) };
  if (health.status === 'failed')
    return { kind: 'refused', failure: health.failure ?? modelError('setup-failed', 'the server says that it failed') };
  return health.status === 'starting' ? null : { kind: 'ready', device: health.device ?? null };
}

/** Another server answers on the port. */
export function wrongInstance(seen: string, expected: string): Failure {
  const message = `the server on this address is instance "${seen}"; expected "${expected}": another server holds the port`;
  return { class: 'infra', code: 'wrong-instance', message };
}

function notReady(readyMs: number, seen: string, bad: boolean): Readiness {
  const message = `the server was not ready within ${readyMs} ms; last seen: ${seen}`;
  return { kind: 'not-ready', failure: bad ? modelError('health-bad-shape', message) : { class: 'timeout', code: 'never-ready', message } };
}

/** What a probe saw, for messages. */
export function wordsOf(health: Health): string {
  if (health.kind === 'up') return `status ${health.status}`;
  return health.kind === 'silent' ? 'no answer' : health.message;
}
