/**
 * Under which load a figure of load was measured, as the version of its metric: only figures of one load and its objectives share a leaderboard.
 * Used by result-records.ts; what is asked for by default is one client at a time.
 */
import { canonicalJson, sha256Hex } from '../canonical-json.ts';
import type { Job, Load } from '../job.ts';

/** What a leaderboard of a figure of load shows unless another version is asked for. */
export function defaultLoadVersion(scorerVersion: string): string {
  return `${scorerVersion}/closed-1`;
}

/**
 * `1.0.0/closed-8`; a load with more to it than its mode and strength has eight hex digits of the SHA-256 of the rest: `1.0.0/poisson-5-3f2a09c1`.
 * Warm-up is no part of it, nor where a trace is stored, nor an audit.
 */
export function loadVersion(scorerVersion: string, { load, slo }: Pick<Job, 'load' | 'slo'>): string {
  const { strength, rest } = partsOf(load);
  const more = { ...rest, ...(slo === undefined ? {} : { slo }) };
  const suffix = Object.keys(more).length === 0 ? '' : `-${sha256Hex(canonicalJson(more)).slice(0, 8)}`;
  return `${scorerVersion}/${load.mode}-${strength}${suffix}`;
}

function partsOf(load: Load): { readonly strength: number | string; readonly rest: Readonly<Record<string, unknown>> } {
  const { mode: _mode, warmup: _warmup, warmupConcurrency: _lanes, ...keys } = load;
  if ('concurrency' in keys) {
    const { concurrency, ...rest } = keys;
    return { strength: concurrency, rest };
  }
  if ('ratePerSecond' in keys) {
    const { ratePerSecond, ...rest } = keys;
    return { strength: ratePerSecond, rest };
  }
  if ('traceKey' in keys) {
    const { traceKey: _key, traceSha256, ...rest } = keys;
    return { strength: traceSha256.slice(0, 8), rest };
  }
  const { maxInFlight, ...rest } = keys;
  return { strength: maxInFlight, rest };
}
