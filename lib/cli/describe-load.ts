/** The load of a plan in words: what is sent, when, for how long, and what of it counts. Called by print-plan.ts. */
import { countNoun } from '../core/count-noun.ts';
import type { Load, Slo } from '../core/job.ts';
import type { LoadOutlook } from '../core/load/load-outlook.ts';
import { formatDuration } from '../report/format-number.ts';

export interface PlannedLoad {
  readonly load: Load;
  readonly slo: Slo | null;
  readonly outlook: LoadOutlook;
  readonly repeats: number;
  /** As the spec has it. */
  readonly sampleLimit: string;
}

/** Label and text of each paragraph. */
export function describeLoad(planned: PlannedLoad): [label: string, text: string][] {
  const { load, slo, outlook, repeats } = planned;
  const { repeatsToLast } = outlook;
  const short =
    repeatsToLast === null
      ? []
      : [`the samples last ${formatDuration(outlook.lastDueMs)} of ${formatDuration(durationOf(load))}: ${advice(repeatsToLast, repeats)}`];
  return [
    ['load', [modeText(load, outlook), ...boundsText(planned)].join('; ')],
    ...short.map((text): [string, string] => ['', text]),
    ...(load.stream === true ? [['', 'streams: time to the first token, gaps, tokens a second'] as [string, string]] : []),
    ...(slo === null ? [] : [['goodput', sloText(slo)] as [string, string]]),
  ];
}

/** What `samples.perItem` may be. */
const MOST_REPEATS = 1000;

function advice(needed: number, repeats: number): string {
  return needed <= MOST_REPEATS
    ? `raise samples.perItem from ${repeats} to ${needed} to fill it`
    : 'more items are needed to fill it, or a lower rate';
}

function durationOf(load: Load): number | null {
  return 'durationMs' in load ? (load.durationMs ?? null) : null;
}

function modeText(load: Load, { offeredPerSecond, seedLabel, samples, lastDueMs }: LoadOutlook): string {
  switch (load.mode) {
    case 'closed':
      return `closed, concurrency ${load.concurrency}${load.durationMs === undefined ? '' : `, for at most ${formatDuration(load.durationMs)}`}`;
    case 'offline':
      return `offline, at most ${load.maxInFlight} in flight`;
    default: {
      const rate =
        offeredPerSecond === null
          ? ''
          : `, ${Number(offeredPerSecond.toPrecision(4))} a second${load.mode === 'poisson' ? ' on average' : ''}`;
      const drawn = seedLabel === null ? '' : ` (drawn as ${seedLabel})`;
      const within = load.durationMs === undefined ? '' : ` within ${formatDuration(load.durationMs)}`;
      return `${load.mode}${rate}${drawn}: ${countNoun(samples, 'request')}${within}, the last due after ${formatDuration(lastDueMs)}`;
    }
  }
}

function boundsText({ load, outlook, sampleLimit }: PlannedLoad): string[] {
  if (load.mode === 'offline') return [];
  const rampMs = load.mode === 'trace' ? undefined : load.rampMs;
  const unmeasured =
    outlook.measured === null ? 'what is sent in it is' : `${countNoun(outlook.samples - outlook.measured, 'sample')} in it`;
  const verb = outlook.measured === null ? '' : outlook.samples - outlook.measured === 1 ? ' is' : ' are';
  return [
    ...(rampMs === undefined || rampMs === 0 ? [] : [`ramp ${formatDuration(rampMs)}, ${unmeasured}${verb} not measured`]),
    ...(load.mode === 'closed'
      ? []
      : [`at most ${load.maxInFlight} in flight${load.stopOnSaturation ? `, stops when one is held back for ${sampleLimit}` : ''}`]),
    ...(load.graceMs === undefined ? [] : [`answers are awaited for ${formatDuration(load.graceMs)}`]),
  ];
}

function sloText({ ttftMs, latencyMs }: Slo): string {
  const bounds = [
    ...(ttftMs === undefined ? [] : [`first token within ${formatDuration(ttftMs)}`]),
    ...(latencyMs === undefined ? [] : [`answer within ${formatDuration(latencyMs)}`]),
  ];
  return `samples with ${bounds.join(' and ')}`;
}
