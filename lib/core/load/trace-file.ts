/**
 * A file of recorded times: one a line, decimal seconds from the start of the load, ascending; `#` starts a comment. Pure: whoever reads
 * the file hands over its bytes. The parser of specs puts the times in the place of the file's name, or tells every fault by its line.
 */
import { describeValue, type ProblemCode } from '../spec-problem.ts';

/** More bytes than so many times need. Readers stop one byte later. */
export const MAX_TRACE_BYTES = 4 * 1_048_576;
export const MAX_TRACE_TIMES = 100_000;
/** A week: the longest that a job may be given. */
const MAX_TIME_SECONDS = 604_800;
/** Nobody reads more. */
const MAX_FAULTS = 20;

export interface TraceFault {
  readonly code: Extract<ProblemCode, `trace-${string}`>;
  readonly seen?: string;
  readonly expected?: string;
  readonly detail?: string;
}

export interface RefusedTrace {
  readonly ok: false;
  readonly faults: readonly TraceFault[];
}

/** What a file of times came to. */
export type TraceFile = { readonly ok: true; readonly timesMs: readonly number[] } | RefusedTrace;

export function refusedTrace(...faults: TraceFault[]): RefusedTrace {
  return { ok: false, faults };
}

/** Times in milliseconds, to the microsecond; or the faults, the first of each line, at most 20. Never throws. */
export function parseTraceFile(bytes: Uint8Array): TraceFile {
  if (bytes.length > MAX_TRACE_BYTES) {
    return refusedTrace({ code: 'trace-too-long', seen: `more than ${MAX_TRACE_BYTES} bytes`, expected: `at most ${MAX_TRACE_BYTES}` });
  }
  const text = decode(bytes);
  if (text === null) return refusedTrace({ code: 'trace-file-unusable', detail: 'it is not UTF-8 text' });
  const timesMs: number[] = [];
  const faults: TraceFault[] = [];
  let line = 0;
  for (const raw of text.split('\n')) {
    line++;
    const written = raw.replace(/#.*$/s, '').trim();
    if (written === '') continue;
    const fault = faultOf(written, timesMs.at(-1) ?? 0, line);
    if (fault === null) timesMs.push(toMs(written));
    else if (faults.push(fault) === MAX_FAULTS) break;
  }
  if (faults.length > 0) return { ok: false, faults };
  if (timesMs.length === 0) return refusedTrace({ code: 'trace-without-times', detail: 'the file holds none' });
  if (timesMs.length > MAX_TRACE_TIMES) {
    return refusedTrace({ code: 'trace-too-long', seen: `${timesMs.length} times`, expected: `at most ${MAX_TRACE_TIMES}` });
  }
  return { ok: true, timesMs };
}

function decode(bytes: Uint8Array): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return null;
  }
}

/** To the microsecond: 0.1 s is 100 ms and not 100.00000000000001. */
function toMs(seconds: string): number {
  return Math.round(Number(seconds) * 1_000_000) / 1000;
}

function faultOf(written: string, beforeMs: number, line: number): TraceFault | null {
  const head = { seen: describeValue(written), detail: `line ${line}` };
  if (!/^\d{1,9}(\.\d{1,30})?$/.test(written)) return { code: 'trace-line-invalid', ...head, expected: 'decimal seconds such as 12.5' };
  if (Number(written) > MAX_TIME_SECONDS) return { code: 'trace-line-invalid', ...head, expected: `at most ${MAX_TIME_SECONDS} seconds` };
  if (toMs(written) >= beforeMs) return null;
  return { code: 'trace-not-ascending', ...head, expected: `at least ${beforeMs / 1000}` };
}
