/**
 * Dollars of a run's control plane: what Step Functions, Lambda, DynamoDB, S3 and EventBridge charge for it, without a free tier, which is
 * told apart. The machines are cost.ts and bill.ts. Pure; figures for the bench and the docs.
 */
import { CONTROL_STEPS, type ControlPlaneCounts, type ControlStep, controlPlaneCounts, type RunSize } from './control-plane-counts.ts';
import { PRICE_SHEET, type PriceSheet } from './price-sheet.ts';

/** How long and how large the functions are. Durations are assumptions until they were measured: replace them by measured ones. */
export interface FunctionSizes {
  readonly memoryMiB: Readonly<Record<ControlStep, number>>;
  /** Billed duration of one call, milliseconds, initialisation included. */
  readonly durationMs: Readonly<Record<ControlStep, number>>;
  /** What plan and report take beside that for each job, milliseconds. */
  readonly perJobMs: Readonly<Partial<Record<ControlStep, number>>>;
  /** What score and report take beside that for each 1,000 rows, milliseconds: reading is not free. */
  readonly perThousandRowsMs: Readonly<Partial<Record<ControlStep, number>>>;
  /** Log lines of one call, bytes. */
  readonly logBytesPerCall: number;
}

export const ASSUMED_FUNCTIONS: FunctionSizes = {
  memoryMiB: { launcher: 1024, plan: 1769, advance: 512, score: 3008, report: 3008 },
  durationMs: { launcher: 800, plan: 1500, advance: 300, score: 600, report: 2000 },
  perJobMs: { plan: 5, report: 20 },
  perThousandRowsMs: { score: 30, report: 30 },
  logBytesPerCall: 2000,
};

export interface ControlPlaneCost {
  readonly counts: ControlPlaneCounts;
  readonly gbSeconds: number;
  readonly usd: {
    readonly transitions: number;
    readonly lambda: number;
    readonly table: number;
    /** Requests for objects and the events that S3 sends for them: the part that grows with the samples. */
    readonly objects: number;
    readonly events: number;
    readonly logs: number;
    readonly total: number;
  };
  /** What AWS gives free each month, as the sheet says it; not taken off `usd`. */
  readonly freeTier: readonly string[];
}

/** Cost of one run that meets no trouble. Storage is not in it: it goes by the month. */
export function controlPlaneCost(
  size: RunSize,
  functions: FunctionSizes = ASSUMED_FUNCTIONS,
  sheet: PriceSheet = PRICE_SHEET,
): ControlPlaneCost {
  const counts = controlPlaneCounts(size);
  const gbSeconds = gbSecondsOf(size, counts, functions);
  const { step_functions, lambda, dynamodb, s3, eventbridge, observability } = sheet;
  const parts = {
    transitions: (counts.transitions / 1000) * step_functions.standard_per_1000_transitions,
    lambda: gbSeconds * lambda.arm64_gb_s + (counts.invocations / 1e6) * lambda.requests_per_million,
    table:
      ((counts.tableWrites + counts.beatWrites) / 1e6) * dynamodb.on_demand_write_per_million_wru +
      ((counts.tableReads + counts.beatReads) / 1e6) * dynamodb.on_demand_read_per_million_rru,
    objects:
      (counts.objectPuts / 1000) * s3.put_copy_post_list_per_1000 +
      (counts.objectGets / 1000) * s3.get_per_1000 +
      (counts.objectEvents / 1e6) * eventbridge.custom_events_per_million,
    events: (counts.events / 1e6) * eventbridge.custom_events_per_million,
    logs: ((counts.invocations * functions.logBytesPerCall) / 1e9) * observability.logs_ingest_gb,
  };
  const total = Object.values(parts).reduce((sum, usd) => sum + usd, 0);
  return { counts, gbSeconds, usd: { ...parts, total }, freeTier: freeTierOf(sheet) };
}

/** Lambda bills memory x duration: 1,024 MiB for a second are one GB-second. */
function gbSecondsOf({ jobs, samplesPerJob }: RunSize, { calls }: ControlPlaneCounts, functions: FunctionSizes): number {
  const { memoryMiB, durationMs, perJobMs, perThousandRowsMs } = functions;
  return CONTROL_STEPS.reduce((sum, step) => {
    const rows = (jobs * samplesPerJob) / 1000;
    const ms = calls[step] * durationMs[step] + jobs * (perJobMs[step] ?? 0) + rows * (perThousandRowsMs[step] ?? 0);
    return sum + (memoryMiB[step] / 1024) * (ms / 1000);
  }, 0);
}

function freeTierOf({ step_functions, lambda, dynamodb }: PriceSheet): string[] {
  return [
    `Step Functions: ${step_functions.standard_free_transitions_month} transitions a month`,
    `Lambda: ${lambda.free_tier}`,
    `DynamoDB: ${dynamodb.free_storage_gb} GB stored`,
  ];
}
