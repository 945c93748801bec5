/**
 * How often a run asks the services of its control plane: state transitions, function calls, table and object requests, events. Numbers
 * per step are what the code of each step does, so that a test can compare them with what an emulator counted. Pure; priced by
 * control-plane.ts. Only objects, and the events that S3 sends for them, grow with the samples.
 */

export const CONTROL_STEPS = ['launcher', 'plan', 'advance', 'score', 'report'] as const;
export type ControlStep = (typeof CONTROL_STEPS)[number];

export interface RunSize {
  readonly jobs: number;
  readonly evaluatorsPerJob: number;
  readonly samplesPerJob: number;
  /** Output files of a sample: 1 for a video, 0 for a text or a number, which lies in its row. */
  readonly filesPerSample: number;
  /** How long a sample takes: rows are written every 256 or every 1.5 s, whichever comes first. */
  readonly secondsPerSample: number;
}

/** Write units are by KB written and index copy, read units by 4 KB read consistently (DynamoDB, on-demand). */
export interface Requests {
  readonly tableWrites: number;
  readonly tableReads: number;
  readonly objectPuts: number;
  readonly objectGets: number;
}

/**
 * One call of each step, without what it does once per job (see PER_JOB). launcher: get and create the run, read and write the spec. plan:
 * run twice, plan, spec, items, references, warm-ups, ordinals, scoring facts, placements. advance: job and run read, job written; ordinal,
 * job.json, placements read. score: aggregates written; ordinal, job.json, plan, scoring facts, references read. report: run read and
 * written, plan, spec, scoring facts, references; four formats written.
 */
const STEP_REQUESTS: Readonly<Record<ControlStep, Requests>> = {
  launcher: { tableWrites: 2, tableReads: 1, objectPuts: 1, objectGets: 1 },
  plan: { tableWrites: 2, tableReads: 1, objectPuts: 8, objectGets: 4 },
  advance: { tableWrites: 4, tableReads: 2, objectPuts: 0, objectGets: 4 },
  score: { tableWrites: 8, tableReads: 0, objectPuts: 1, objectGets: 6 },
  report: { tableWrites: 2, tableReads: 1, objectPuts: 4, objectGets: 6 },
};

/**
 * What a job adds to a step: plan creates its record and its job.json; report reads its record, job.json and devices, and writes its
 * results (about 20 metrics, each with two index copies).
 */
const PER_JOB: Readonly<Partial<Record<ControlStep, Requests>>> = {
  plan: { tableWrites: 2, tableReads: 0, objectPuts: 1, objectGets: 0 },
  report: { tableWrites: 60, tableReads: 2, objectPuts: 0, objectGets: 3 },
};

/** A task beside its samples: claim and finish (record read and written), job.json, items, own parts listed; device line, notes, its end. */
const TASK_REQUESTS: Requests = { tableWrites: 8, tableReads: 4, objectPuts: 3, objectGets: 5 };

/** Every beat of a driver writes the beat and reads the run for a cancel. */
const BEAT_SECONDS = 5;
const ROWS_PER_PART = 256;
const SECONDS_PER_PART = 1.5;
/** accepted, running, settled. */
const RUN_EVENTS = 3;

export interface ControlPlaneCounts {
  readonly transitions: number;
  readonly calls: Readonly<Record<ControlStep, number>>;
  readonly invocations: number;
  readonly tableWrites: number;
  readonly tableReads: number;
  /** By time, not by sample: what beats add to the table while tasks run. */
  readonly beatWrites: number;
  readonly beatReads: number;
  readonly objectPuts: number;
  readonly objectGets: number;
  /** Events of runs on the bus. */
  readonly events: number;
  /** S3 sends one for every object written: the bucket cannot filter by prefix. */
  readonly objectEvents: number;
}

/**
 * Transitions of a job: Advance and Next action at the start; Run task, Advance, Next action for each stage; Score, Advance, Next action and
 * Job settled at the end: 6 + 3 x (1 + evaluators). A wait for capacity adds 3 a minute, a further attempt 3.
 */
export function transitionsPerJob(evaluators: number): number {
  return 6 + 3 * (1 + evaluators);
}

/** Plan, Jobs, Report. */
export const TRANSITIONS_PER_RUN = 3;

/** Calls of a run that meets no trouble: one attempt for each stage, no wait. */
function callsOf({ jobs, evaluatorsPerJob }: Pick<RunSize, 'jobs' | 'evaluatorsPerJob'>): Record<ControlStep, number> {
  return { launcher: 1, plan: 1, advance: jobs * (3 + evaluatorsPerJob), score: jobs, report: 1 };
}

/** All requests of such a run. */
export function controlPlaneCounts(size: RunSize): ControlPlaneCounts {
  const { jobs, evaluatorsPerJob } = size;
  const calls = callsOf(size);
  const tasks = jobs * (1 + evaluatorsPerJob);
  const samples = sampleRequests(size);
  const sum = (of: (requests: Requests) => number): number =>
    CONTROL_STEPS.reduce((total, step) => {
      const own = PER_JOB[step];
      return total + calls[step] * of(STEP_REQUESTS[step]) + (own === undefined ? 0 : jobs * of(own));
    }, tasks * of(TASK_REQUESTS));
  const objectPuts = sum((one) => one.objectPuts) + jobs * samples.puts;
  const beats = Math.ceil((jobs * size.samplesPerJob * size.secondsPerSample) / BEAT_SECONDS);
  return {
    transitions: TRANSITIONS_PER_RUN + jobs * transitionsPerJob(evaluatorsPerJob),
    calls,
    invocations: CONTROL_STEPS.reduce((total, step) => total + calls[step], 0),
    tableWrites: sum((one) => one.tableWrites),
    tableReads: sum((one) => one.tableReads),
    beatWrites: beats,
    beatReads: beats,
    objectPuts,
    objectGets: sum((one) => one.objectGets) + jobs * samples.gets,
    events: RUN_EVENTS,
    objectEvents: objectPuts,
  };
}

/** What a job's samples add: their files, the parts of their rows, and the readers of both. */
function sampleRequests({ samplesPerJob, filesPerSample, secondsPerSample, evaluatorsPerJob }: RunSize): { puts: number; gets: number } {
  const files = samplesPerJob * filesPerSample;
  const byRows = Math.ceil(samplesPerJob / ROWS_PER_PART);
  const byTime = Math.ceil((samplesPerJob * secondsPerSample) / SECONDS_PER_PART);
  // No part is without a row.
  const parts = Math.min(samplesPerJob, byRows + byTime);
  const scoreParts = evaluatorsPerJob * byRows;
  // Evaluators read every file and the rows; Score and Report read rows and scores once each.
  return { puts: files + parts + scoreParts, gets: evaluatorsPerJob * (files + parts) + 2 * (parts + scoreParts) };
}
