/**
 * What one attempt of a stage is told beside its names: a token that its server must echo, and a port of its own. Both follow from the
 * names alone, so that a repeated Advance answers the same. Called by the Advance step on AWS.
 */
import { sha256Hex } from '../core/canonical-json.ts';
import type { TaskRequest } from '../core/ports.ts';

const FIRST_PORT = 20_000;
const PORTS = 10_000;

/** `<attempt>-<16 hex>`, and a port in 20000-29999. */
export function taskAddress({ runId, jobId, stage, attempt }: TaskRequest): { readonly instance: string; readonly port: number } {
  const hash = sha256Hex(`${runId}/${jobId}/${stage}/${attempt}`);
  return { instance: `${attempt}-${hash.slice(0, 16)}`, port: FIRST_PORT + (Number.parseInt(hash.slice(-8), 16) % PORTS) };
}
