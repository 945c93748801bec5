/**
 * After a timeout or a "not ready", waits until the server takes work again: a worker that was cancelled may have to be replaced and
 * load its weights anew. Called between the tries of a sample.
 */
import { probe, type Prober } from './wait-ready.ts';
import type { ServerEnd, ServerPulse } from './server-pulse.ts';
import type { StopSwitch } from './stop-switch.ts';

const BUSY_MS = 10_000;
const POLL_MS = 100;

export interface SettleOptions {
  readonly server: Prober;
  readonly pulse: ServerPulse;
  readonly stop: Pick<StopSwitch<string>, 'reason' | 'pause'>;
  readonly readyMs: number;
  readonly hangMs: number;
  /** With one lane a busy server still works on the cancelled sample; with more it works for others. */
  readonly lanes: number;
}

/** Null when the server takes work again, or when the driver was asked to stop meanwhile. */
export async function settleServer(options: SettleOptions): Promise<ServerEnd | null> {
  const begun = performance.now();
  while (options.stop.reason() === null) {
    const waitedMs = performance.now() - begun;
    const health = await probe(options.server, options.hangMs);
    if (health.kind === 'up' && health.status === 'ready') return options.pulse.check();
    if (health.kind === 'up' && health.status === 'busy' && (options.lanes > 1 || waitedMs > BUSY_MS)) return null;
    if (health.kind === 'silent' || health.kind === 'down' || (health.kind === 'up' && health.status === 'failed')) {
      const end = await options.pulse.check();
      if (end !== null) return end;
    }
    if (health.kind === 'bad') return null;
    if (waitedMs > options.readyMs) {
      const message = `the server was not ready again within ${options.readyMs} ms`;
      return { kind: 'not-ready', failure: { class: 'timeout', code: 'never-ready', message } };
    }
    await options.stop.pause(POLL_MS);
  }
  return null;
}
