/**
 * How a run gets its id on AWS: from the object version that was uploaded, or from the caller's idempotency key. The same cause
 * gives the same id, so that one delivery, however often it comes, is one run. Called by the launcher and by the API.
 */
import { sha256Hex } from '../core/canonical-json.ts';

export interface SpecObject {
  readonly bucket: string;
  readonly key: string;
  /** The object's version; its ETag where the event has none (an emulator's, a bucket without versions). */
  readonly version: string;
}

/** A new upload of the same bytes has another version, and so is another run. `<name>-<12 hex>`, at most 43 characters. */
export function runIdOfObject({ bucket, key, version }: SpecObject): string {
  return `${nameOfFile(key)}-${sha256Hex(`${bucket}/${key}/${version}`).slice(0, 12)}`;
}

/** `api-<16 hex>`. */
export function runIdOfKey({ idempotencyKey }: { readonly idempotencyKey: string }): string {
  return `api-${sha256Hex(idempotencyKey).slice(0, 16)}`;
}

/** The file's name without its extension, as far as an id can hold it: at most 30 characters; `spec` when nothing is left. */
export function nameOfFile(key: string): string {
  const file = key.split('/').at(-1) ?? '';
  const plain = file
    .replace(/\.(ya?ml|json)$/i, '')
    .replace(/[^A-Za-z0-9_-]+/g, '-')
    .replace(/^[-_]+/, '')
    .slice(0, 30)
    .replace(/[-_]+$/, '');
  return plain === '' ? 'spec' : plain;
}

/** The name of an execution: one per start of a run, at most 80 characters because an id has at most 64. */
export function executionName(runId: string, start: number): string {
  return `${runId}-${start}`;
}

/** Run and start of an execution's name; null for a name that is not ours. */
export function startOfExecution(name: string): { readonly run: string; readonly start: number } | null {
  const [, run, start] = /^(.{1,64})-([1-9]\d{0,8})$/.exec(name) ?? [];
  return run === undefined || start === undefined ? null : { run, start: Number(start) };
}
