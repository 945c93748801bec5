/**
 * Decides whether a server still lives after a sample's connection broke or its time ran out. Lanes that ask at the same time share
 * one answer; a death is remembered.
 */
import type { AttemptEnd } from '../core/job.ts';
import { modelError } from './protocols/answer-guards.ts';
import { probe, type Prober, wordsOf, wrongInstance } from './wait-ready.ts';

/** A server that says nothing on /health for this long hangs. */
export const HANG_MS = 10_000;
const REFUSALS = 3;
const PAUSE_MS = 150;

export type ServerEnd = Pick<AttemptEnd, 'kind' | 'failure'>;

export interface ServerPulse {
  /** Null when it lives. */
  readonly check: () => Promise<ServerEnd | null>;
}

/** `hangMs`: silence on /health that makes a server hung. */
export function serverPulse(server: Prober, instance: string, hangMs: number): ServerPulse {
  let end: ServerEnd | null = null;
  let asking: Promise<ServerEnd | null> | null = null;
  const ask = async (): Promise<ServerEnd | null> => {
    end = await examine(server, instance, hangMs);
    asking = null;
    return end;
  };
  return {
    check: async () => {
      if (end !== null) return end;
      asking ??= ask();
      return asking;
    },
  };
}

async function examine(server: Prober, instance: string, hangMs: number): Promise<ServerEnd | null> {
  const deadline = performance.now() + hangMs;
  let refusals = 0;
  let seen = 'no answer';
  while (performance.now() < deadline) {
    const health = await probe(server, deadline - performance.now());
    seen = wordsOf(health);
    if (health.kind === 'bad') return null;
    if (health.kind === 'up') {
      if (health.instance !== null && health.instance !== instance) {
        return { kind: 'wrong-instance', failure: wrongInstance(health.instance, instance) };
      }
      return health.status === 'failed' && health.failure !== null ? { kind: 'refused', failure: health.failure } : null;
    }
    if (health.kind === 'down' && health.refused) refusals += 1;
    if (refusals >= REFUSALS) return { kind: 'server-died', failure: modelError('server-died', `the server is gone (${seen})`) };
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  }
  const message = `the server said nothing on /health for ${hangMs} ms (${seen})`;
  return { kind: 'server-hung', failure: { class: 'timeout', code: 'server-hung', message } };
}
