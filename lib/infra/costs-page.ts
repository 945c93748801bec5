/**
 * `docs/costs.md`: what Bakeoff costs on AWS, computed from the price sheet that comes with this version and from the synthesised
 * templates. Called by generate-docs.ts; holds no price of its own.
 */
import { ASSUMED_FUNCTIONS, controlPlaneCost } from '../core/control-plane.ts';
import type { RunSize } from '../core/control-plane-counts.ts';
import { usdOf } from '../core/cost.ts';
import { DEFAULT_FLEET } from '../core/fleet.ts';
import { forecastCost, SCALING } from '../core/forecast-cost.ts';
import { type HourlyPrice, INSTANCE_TYPES } from '../core/instance-catalogue.ts';
import { PRICE_SHEET } from '../core/price-sheet.ts';
import { formatUsd } from '../report/format-number.ts';
import { costAtRest } from './cost-at-rest.ts';
import { checkedStack } from './own-checks.ts';

const VIDEOS = 1000;
const SECONDS_PER_VIDEO = 60;
/** What the control plane is held against. */
const SHARE_CLASS = { name: 'g6-xlarge', instanceType: 'g6.xlarge', market: 'spot', maxInstances: 2, rootVolumeGiB: 100 } as const;
const VIDEO_TYPES = ['g6.xlarge', 'g5.xlarge', 'g6e.xlarge'];

/** The examples as `bakeoff plan` counts them. Seconds of a sample: upper bounds of the medians measured on two cores without a GPU. */
export const EXAMPLE_RUNS: Readonly<Record<string, RunSize>> = {
  diabetes: { jobs: 4, evaluatorsPerJob: 0, samplesPerJob: 142, filesPerSample: 0, secondsPerSample: 0.01 },
  'ocr-lines': { jobs: 3, evaluatorsPerJob: 0, samplesPerJob: 72, filesPerSample: 0, secondsPerSample: 0.5 },
  'shapes-steps': { jobs: 7, evaluatorsPerJob: 1, samplesPerJob: 64, filesPerSample: 1, secondsPerSample: 0.25 },
};

/** Markdown; the caller adds the note that it is generated. `templates`: those of a default deployment, as JSON. */
export function costsPage(templates: readonly string[]): string {
  const { region, compiled, sources } = PRICE_SHEET;
  return [
    '# What it costs\n',
    `US dollars, ${region}, from the price sheet of ${compiled} (\`lib/core/aws-prices.json\`, with sources and dates). On-Demand prices are of ` +
      `${sources.ec2_od.as_of}. **Spot prices are the highest of one snapshot whose day is not known**: look yours up before money depends on them. ` +
      'Free tiers are named, never taken off.\n',
    machines(),
    tasksAndMachines(),
    controlPlane(),
    atRest(templates),
  ].join('\n');
}

function machines(): string {
  const rows = VIDEO_TYPES.flatMap((name) => INSTANCE_TYPES.get(name) ?? []).map(({ instanceType, gpu, onDemand, spot }) => {
    const memory = `${gpu?.memoryMiB.toLocaleString('en-US') ?? '-'} MiB`;
    return [instanceType, `${gpu?.name ?? '-'}, ${memory}`, perHour(onDemand), perHour(spot), videosAt(onDemand), videosAt(spot)];
  });
  const head = ['type', 'GPU', 'On-Demand, an hour', 'Spot, an hour', 'videos, On-Demand', 'videos, Spot'];
  return (
    `## ${VIDEOS.toLocaleString('en-US')} videos at ${SECONDS_PER_VIDEO} s each\n\n` +
    `${((VIDEOS * SECONDS_PER_VIDEO) / 3600).toFixed(2)} hours of a machine, one video at a time; loading, evaluating and idle time come on top.\n\n` +
    `${table(head, rows)}\n\nWithout a GPU: ${cpuClasses()}.\n`
  );
}

function cpuClasses(): string {
  const classes = DEFAULT_FLEET.flatMap(({ instanceType }) => INSTANCE_TYPES.get(instanceType) ?? []).filter(({ gpu }) => gpu === null);
  return classes.map(({ instanceType, onDemand }) => `${instanceType}, ${perHour(onDemand)} an hour On-Demand`).join('; ');
}

function tasksAndMachines(): string {
  const minutes = SCALING.idleSeconds / 60;
  return [
    '## Two figures\n',
    '- **Tasks**: time that a task held its machine (ECS `pullStartedAt` to `stoppedAt`) x price of the class. It is the figure of a job, a sample, a',
    '  minute of video, and what a budget counts.',
    '- **Billed**: machines from launch to termination, by the second and a minute at least, shared by the runs that used them in proportion to',
    `  their task time. The difference is idle: ECS starts ${SCALING.firstMachines} machines from zero and lets one go ${minutes} minutes after its last task.\n`,
    '`bakeoff plan SPEC --class NAME` forecasts both from the time that the same jobs took before. A public address costs ' +
      `$${PRICE_SHEET.network.public_ipv4_h} an hour of a machine; disks and traffic out are not in either figure.\n`,
  ].join('\n');
}

function controlPlane(): string {
  const examples = Object.entries(EXAMPLE_RUNS).map(([name, size]) => controlPlaneRow(name, size));
  const video = { evaluatorsPerJob: 1, filesPerSample: 1, secondsPerSample: SECONDS_PER_VIDEO };
  const larger = [10, 100, 1000].map((jobs) => {
    return controlPlaneRow(`${jobs} jobs of 100 videos`, { ...video, jobs, samplesPerJob: 100 });
  });
  const head = [
    'run',
    'state transitions',
    'function calls',
    'table requests',
    'of drivers, by time',
    'object requests',
    'dollars',
    'share',
  ];
  const assumed = Object.entries(ASSUMED_FUNCTIONS.durationMs).map(([name, ms]) => `${name} ${ms} ms`);
  const { freeTier } = controlPlaneCost({ ...video, jobs: 1, samplesPerJob: 1 });
  return [
    '## Control plane of a run\n',
    'Counted from what each step does, in a run without trouble. Durations of functions are assumptions',
    `(${assumed.join(', ')}). Only object requests grow with the samples; drivers write and read the table every 5 s while they run.`,
    `The share is that of the dollars billed for ${SHARE_CLASS.instanceType} machines on Spot that such a run alone starts, idle time included.\n`,
    table(head, [...examples, ...larger]),
    `\nFree each month, not taken off: ${freeTier.join('; ')}. Not in the table: traces, $${PRICE_SHEET.observability.xray_per_million_traces} a million, of which Lambda samples some.\n`,
  ].join('\n');
}

function controlPlaneRow(name: string, size: RunSize): string[] {
  const { counts, usd } = controlPlaneCost(size);
  const numbers = [
    counts.transitions,
    counts.invocations,
    counts.tableWrites + counts.tableReads,
    counts.beatWrites + counts.beatReads,
    counts.objectPuts + counts.objectGets,
  ];
  return [name, ...numbers.map((count) => count.toLocaleString('en-US')), formatUsd(usd.total), `${(100 * shareOf(size)).toFixed(2)} %`];
}

/** Dollars of the control plane for one dollar of the machines that the run bills: tasks one after the other, then the idle time of scaling in. */
export function shareOf(size: RunSize): number {
  const seconds = size.jobs * size.samplesPerJob * size.secondsPerSample;
  const { billed } = forecastCost({ seconds, reason: null }, SHARE_CLASS);
  return controlPlaneCost(size).usd.total / (billed.usd ?? Number.NaN);
}

function atRest(templates: readonly string[]): string {
  const { storage, s3, dynamodb, observability } = PRICE_SHEET;
  const lines = costAtRest(
    templates.flatMap((template) => checkedStack(template, new Map()).resources),
    PRICE_SHEET,
  );
  const sum = (key: 'usd' | 'usdAfterFreeTier') => lines.reduce((total, line) => total + line[key], 0);
  const billed = lines.map(({ what, count, usd, freeTier }) => [`${count} ${what}`, `$${usd.toFixed(2)}`, freeTier]);
  const kept = [
    ['images in ECR', storage.ecr_gb_month],
    ['results in S3', s3.standard_gb_month],
    ['records in DynamoDB', dynamodb.storage_gb_month],
  ] as const;
  return [
    '## At rest\n',
    `**$${sum('usd').toFixed(2)} a month** for a default deployment in which nothing runs, read off its synthesised templates; ` +
      `$${sum('usdAfterFreeTier').toFixed(2)} where the account's free tier is used for nothing else. No machine, no NAT gateway, no interface endpoint.\n`,
    table(['what', 'a month', 'free each month'], billed),
    '\nBeside it, what you keep, per GB and month:\n',
    table(
      ['what', 'dollars'],
      kept.map(([what, usd]) => [what, `$${usd}`]),
    ),
    `\nThe ten images of the examples take a few GB together. A metric that was published in a month costs $${observability.custom_metric_month}. A private network ` +
      'costs more at rest: [settings](deployment-settings.md#network).\n',
  ].join('\n');
}

function perHour({ usdPerHour }: HourlyPrice): string {
  return usdPerHour === null ? '—' : `$${usdPerHour}`;
}

function videosAt({ usdPerHour }: HourlyPrice): string {
  return usdPerHour === null ? '—' : formatUsd(usdOf(VIDEOS * SECONDS_PER_VIDEO, usdPerHour));
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [line(head), `|${head.map(() => '---').join('|')}|`, ...rows.map(line)].join('\n');
}
