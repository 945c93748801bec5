/** What a reader must know of a load before trusting its figures. Called by warnings.ts. */
import { isOpenLoop } from '../core/load/load-kind.ts';
import type { StreamScore } from '../core/scores.ts';
import type { ReportJob } from './report-model.ts';

export interface LoadWarning {
  readonly code: string;
  readonly text: string;
  readonly applies: (job: ReportJob) => boolean;
}

export const LOAD_WARNINGS: readonly LoadWarning[] = [
  {
    code: 'schedule-not-kept',
    text: 'The schedule was not kept: nothing of these jobs is certified. Latencies count from the scheduled times all the same.',
    applies: (job) => scheduleOf(job)?.kept === false && scheduleOf(job)?.held === 0,
  },
  {
    code: 'held-back',
    text: 'As many requests as maxInFlight allows were unanswered, so that others waited at the client. Their latencies count the wait; the schedule was not kept and nothing is certified.',
    applies: (job) => (scheduleOf(job)?.held ?? 0) > 0,
  },
  {
    code: 'saturated',
    text: 'Stopped because requests were held back for longer than limits.sample: with no more than maxInFlight unanswered, the server cannot answer at this rate. The figures are of the part that was sent; what waited longest is not in them.',
    applies: (job) => wasStopped(job, 'saturated'),
  },
  {
    code: 'ended-by-duration',
    text: 'The load ended by its duration, as the spec wants: samples that were not due by then are neither planned nor missing.',
    applies: (job) => wasStopped(job, 'duration'),
  },
  {
    code: 'without-an-end',
    text: 'Samples of the plan have no end. Means, empirical percentiles and rates are of the others: what was under way or waiting when the job stopped, and took longest, is not in them. Nothing is certified.',
    applies: ({ scores }) => scores !== null && scores.latency !== null && scores.missing > 0,
  },
  {
    code: 'retried-left-out',
    text: 'Some samples were answered, but not at their first try: the server was not ready or dropped them, or an attempt ended. Latencies, certified ones too, and goodput leave them out, so that a server that turns away what would take long looks faster than it is.',
    applies: (job) => leftOutRetried(job) > 0,
  },
  {
    code: 'load-repeated',
    text: 'The whole schedule was sent more than once: figures of load are those of the last attempt alone, quality is of the first answer of every sample.',
    applies: (job) => isOpenLoop(job.load) && job.stages.some(({ name, attempts }) => name === 'infer' && attempts > 1),
  },
  {
    code: 'not-streamed',
    text: 'A stream was asked for and some answers came in one piece: their first piece counts as late as their last.',
    applies: (job) => (streamOf(job)?.notStreamed ?? 0) > 0,
  },
  {
    code: 'pieces-as-tokens',
    text: 'The server did not tell how many tokens its answers have: pieces are counted in their place, and other servers cut theirs differently.',
    applies: (job) => countsPieces(streamOf(job)),
  },
];

/** Answers that no latency has because they took another try; offline load has no latencies. */
export function leftOutRetried({ load, scores }: ReportJob): number {
  return load.mode === 'offline' ? 0 : (scores?.latency?.leftOutRetried ?? 0);
}

function scheduleOf(job: ReportJob) {
  return job.scores?.latency?.schedule;
}

function streamOf(job: ReportJob): StreamScore | undefined {
  return job.scores?.latency?.stream;
}

function countsPieces(stream: StreamScore | undefined): boolean {
  return stream !== undefined && stream.tokens > 0 && stream.tokensFrom !== 'server';
}

function wasStopped(job: ReportJob, reason: string): boolean {
  return job.stages.some(({ stopped }) => stopped === reason);
}
