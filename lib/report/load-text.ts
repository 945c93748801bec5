/** A job's load, its schedule, objectives and tokens in words. Used by every renderer. */
import type { GoodputScore, ScheduleScore, StreamScore } from '../core/scores.ts';
import { isOpenLoop } from '../core/load/load-kind.ts';
import { formatDuration } from './format-number.ts';
import type { Report, ReportJob } from './report-model.ts';

/** `closed, 4 in flight, for 5 min`; `poisson, 20/s offered, 512 sent`; `contended` where other work ran beside it. */
export function loadText({ load, scores }: ReportJob): string {
  const schedule = scores?.latency?.schedule;
  const offered = load.mode === 'poisson' || load.mode === 'constant' ? load.ratePerSecond : (schedule?.offeredPerSecond ?? null);
  const open = isOpenLoop(load)
    ? [...(offered === null ? [] : [`${Number(offered.toPrecision(3))}/s offered`]), sentText(load.arrivals, schedule)]
    : [];
  const closed =
    load.mode === 'closed' ? [`${load.concurrency} in flight`] : load.mode === 'offline' ? [`${load.maxInFlight} in flight`] : [];
  const duration = load.mode === 'closed' && load.durationMs !== undefined ? [`for ${formatDuration(load.durationMs)}`] : [];
  const ramp = 'rampMs' in load && load.rampMs !== undefined ? [`ramp ${formatDuration(load.rampMs)}`] : [];
  return [load.mode, ...closed, ...open, ...duration, ...ramp, ...(scores?.latency?.contended === true ? ['contended'] : [])].join(', ');
}

/** The load of a run's jobs, which is one: what was planned. */
export function loadOfRun({ jobs }: Report): string {
  const [first] = jobs;
  const contended = jobs.some(({ scores }) => scores?.latency?.contended === true) ? ', contended' : '';
  return first === undefined ? '' : `${loadText({ ...first, scores: null })}${contended}`;
}

function sentText(arrivals: number, schedule: ScheduleScore | undefined): string {
  if (schedule === undefined) return `${arrivals} planned`;
  return schedule.sent === schedule.arrivals ? `${schedule.sent} sent` : `${schedule.sent} of ${schedule.arrivals} sent`;
}

/** `kept`, or why it was not. */
export function scheduleText({ kept, reason }: ScheduleScore): string {
  return kept ? 'kept' : `not kept: ${reason ?? 'no reason is stored'}`;
}

/** `latency ≤ 2.00 s, first piece ≤ 300 ms` */
export function objectivesText({ slo: { latencyMs, ttftMs } }: GoodputScore): string {
  const parts = [
    ...(latencyMs === undefined ? [] : [`latency ≤ ${formatDuration(latencyMs)}`]),
    ...(ttftMs === undefined ? [] : [`first piece ≤ ${formatDuration(ttftMs)}`]),
  ];
  return parts.join(', ');
}

/** `96.4 %`; 0 and 100 only where they are exact; null where there is no share. */
export function shareText(share: number | null): string | null {
  if (share === null) return null;
  if (share === 0 || share === 1) return `${share * 100} %`;
  const percent = (share * 100).toFixed(1);
  return percent === '100.0' ? '> 99.9 %' : percent === '0.0' ? '< 0.1 %' : `${percent} %`;
}

const TOKENS_FROM: Readonly<Record<StreamScore['tokensFrom'], string>> = {
  server: 'tokens as the server reports',
  pieces: 'pieces counted as tokens',
  mixed: 'tokens as the server reports, pieces where it does not',
};

/** What the tokens of a rate are. */
export function tokensText({ tokens, tokensFrom }: Pick<StreamScore, 'tokens' | 'tokensFrom'>): string {
  return tokens === 0 ? 'no tokens are known' : TOKENS_FROM[tokensFrom];
}
