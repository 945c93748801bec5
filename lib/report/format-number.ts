/**
 * Numbers as text: significant digits that the interval supports, units, times. Used by every renderer; a missing number is
 * an em dash, never a zero.
 */
import type { Interval } from '../core/scores.ts';

const ABSENT = '—';

/** Decimals that show two significant digits of the interval's half width; three significant digits of the value without one. */
export function decimalsFor(value: number, interval: Interval | null): number {
  const width = interval === null ? 0 : (interval.high - interval.low) / 2;
  const scale = width > 0 ? width : Math.abs(value);
  if (!(scale > 0) || !Number.isFinite(scale)) return 0;
  const digits = width > 0 ? 2 : 3;
  return Math.min(6, Math.max(0, digits - 1 - Math.floor(Math.log10(scale))));
}

/** `0.781`; a true minus sign; group separators from 10,000 on. */
export function formatFixed(value: number, decimals: number): string {
  const digits = Math.abs(value).toFixed(decimals);
  const grouped = digits.replace(/^\d+/, (whole) => whole.replace(/\B(?=(\d{3})+$)/g, ','));
  const text = Math.abs(value) >= 10_000 ? grouped : digits;
  return value < 0 && Number(digits) !== 0 ? `−${text}` : text;
}

/** Decimals for a column of values: the median of what their intervals support, else of three significant digits; null for no values. */
export function commonDecimals(scores: readonly { readonly value: number | null; readonly interval: Interval | null }[]): number | null {
  const supported = scores.flatMap(({ value, interval }) => (value === null || interval === null ? [] : [decimalsFor(value, interval)]));
  const bare = scores.flatMap(({ value }) => (value === null || value === 0 ? [] : [decimalsFor(value, null)]));
  const candidates = (supported.length > 0 ? supported : bare).sort((a, b) => a - b);
  return candidates[Math.floor((candidates.length - 1) / 2)] ?? null;
}

/** A measured value, in the decimals of its column, else in those that its interval supports. */
export function formatValue(value: number | null, interval: Interval | null = null, decimals: number | null = null): string {
  if (value === null || !Number.isFinite(value)) return ABSENT;
  return formatFixed(value, decimals ?? decimalsFor(value, interval));
}

/** `[0.70, 0.86]`, in the decimals of its value; empty without an interval. */
export function formatInterval(value: number | null, interval: Interval | null, decimals: number | null = null): string {
  if (value === null || interval === null) return '';
  const shown = decimals ?? decimalsFor(value, interval);
  return `[${formatFixed(interval.low, shown)}, ${formatFixed(interval.high, shown)}]`;
}

/** Milliseconds in the unit a reader wants: `0.42 ms`, `38.1 ms`, `1.24 s`, `3 min 20 s`, `2 h 05 min`. */
export function formatDuration(ms: number | null): string {
  if (ms === null || !Number.isFinite(ms)) return ABSENT;
  if (ms < 999.5) return `${formatSignificant(ms)} ms`;
  if (ms < 99_950) return `${formatSignificant(ms / 1000)} s`;
  const seconds = Math.round(ms / 1000);
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${String(seconds % 60).padStart(2, '0')} s`;
  const minutes = Math.round(seconds / 60);
  return `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, '0')} min`;
}

/** Three significant digits, without an exponent. */
export function formatSignificant(value: number | null): string {
  if (value === null || !Number.isFinite(value)) return ABSENT;
  return formatFixed(value, decimalsFor(value, null));
}

/** `412 MiB`, `1.20 GiB`. */
export function formatMemory(memoryMiB: number | null): string {
  if (memoryMiB === null) return ABSENT;
  return memoryMiB < 1024 ? `${formatSignificant(memoryMiB)} MiB` : `${formatSignificant(memoryMiB / 1024)} GiB`;
}

/** `2026-11-20 12:08 UTC` */
export function formatInstant(atMs: number): string {
  return `${new Date(atMs).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}

/** `1`, or `1–2` */
export function formatRankRange(range: readonly [number, number] | null): string {
  if (range === null) return ABSENT;
  return range[0] === range[1] ? String(range[0]) : `${range[0]}–${range[1]}`;
}

/** `$0.276`, `$12.35`: cents from a dollar on, three digits below; an em dash for null. */
export function formatUsd(usd: number | null): string {
  if (usd === null) return '—';
  if (usd === 0) return '$0';
  return usd >= 1 ? `$${usd.toFixed(2)}` : `$${Number(usd.toPrecision(3)).toFixed(Math.min(12, 2 - Math.floor(Math.log10(usd))))}`;
}
