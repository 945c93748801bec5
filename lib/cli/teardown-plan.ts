/** What a teardown would do and what it would leave, in words and dollars. Pure: facts in, lines out. Called by teardown.ts. */
import type { DataFacts, TeardownFacts } from '../compose/teardown.ts';
import { countNoun } from '../core/count-noun.ts';
import { STACK_OUTPUTS } from '../core/environment-names.ts';
import { PRICE_SHEET } from '../core/price-sheet.ts';
import { usd } from './print-deployed-run.ts';

const GB = 1e9;

/** Nothing of the service is left: a teardown without --data has nothing to do. */
export function isServiceGone({ service, packageStacks, taskDefinitions }: TeardownFacts): boolean {
  return service === null && packageStacks.length === 0 && taskDefinitions === 0;
}

/** One line per step that has something to do. */
export function teardownSteps(facts: TeardownFacts, withData: boolean): string[] {
  const { executions, tasks, instances, groups, taskDefinitions, packageStacks, service, serviceName, data } = facts;
  const stacks = [...packageStacks, ...(service === null ? [] : [serviceName])];
  return [
    executions > 0 ? `cancel ${countNoun(executions, 'run')}, and wait until what they answered is scored and reported` : null,
    tasks > 0 ? `stop ${countNoun(tasks, 'task')}` : null,
    groups.length > 0
      ? `lift the scale-in protection and empty ${countNoun(groups.length, 'group')} (${countNoun(instances, 'instance')} now)`
      : null,
    taskDefinitions > 0 ? `deregister ${countNoun(taskDefinitions, 'task definition')}` : null,
    ...stacks.map((stackName) => `delete the stack ${stackName}`),
    ...(withData && data !== null ? dataSteps(data) : []),
  ].filter((step) => step !== null);
}

function dataSteps({ bucket, table, stackName }: DataFacts): string[] {
  return [
    ...(bucket === null ? [] : [`delete the bucket ${bucket.name} with ${sizeOf(bucket.size)}: specs, results and reports, for good`]),
    ...(table === null
      ? []
      : [`delete the table ${table.name} with its records; DynamoDB keeps a backup of its own for 35 days, free of charge`]),
    `delete the stack ${stackName}`,
  ];
}

/** What stays, each with its price a month where the price sheet has one. */
export function whatStays(facts: TeardownFacts, withData: boolean, region: string): string[] {
  const { data } = facts;
  const ofCdk = 'the assets and images of the CDK bootstrap stack ("npx cdk gc" removes those that nothing uses)';
  const rest = [...madeElsewhere(facts), ofCdk];
  if (withData || data === null) return rest;
  const { s3, dynamodb, compiled, region: pricedRegion } = PRICE_SHEET;
  const prices = `price sheet of ${pricedRegion}, ${compiled}, free tier not counted${region === pricedRegion ? '' : `; ${region} may differ`}`;
  const { bucket, table } = data;
  return [
    ...(bucket === null
      ? []
      : [
          `the bucket ${bucket.name}: ${sizeOf(bucket.size)}, ${monthly(bucket.size.bytes, s3.standard_gb_month, bucket.size.isWhole)} (${prices})`,
        ]),
    ...(table === null
      ? []
      : [`the table ${table.name}: ${bytesOf(table.bytes)}, ${monthly(table.bytes, dynamodb.storage_gb_month, true)} (${prices})`]),
    ...rest,
  ];
}

/** Data that the service uses and that no data stack of ours made, such as what the setting `adopt` names. */
function madeElsewhere({ service, data }: TeardownFacts): string[] {
  const used = [
    { kind: 'bucket', name: service?.outputs.get(STACK_OUTPUTS.bucket), own: data?.bucket?.name },
    { kind: 'table', name: service?.outputs.get(STACK_OUTPUTS.table), own: data?.table?.name },
  ];
  return used
    .filter(({ name, own }) => name !== undefined && name !== own)
    .map(
      ({ kind, name }) => `the ${kind} ${name}: no data stack of this deployment is known to have made it, so it stays with --data, too`,
    );
}

function monthly(bytes: number, usdPerGbMonth: number, isWhole: boolean): string {
  return `${isWhole ? '' : 'at least '}${usd((bytes / GB) * usdPerGbMonth)} a month`;
}

function sizeOf({ bytes, versions, isWhole }: { readonly bytes: number; readonly versions: number; readonly isWhole: boolean }): string {
  return `${isWhole ? '' : 'at least '}${bytesOf(bytes)} in ${countNoun(versions, 'version')} of objects`;
}

function bytesOf(bytes: number): string {
  if (bytes >= GB) return `${(bytes / GB).toFixed(1)} GB`;
  return bytes >= 1e6 ? `${(bytes / 1e6).toFixed(1)} MB` : `${bytes} bytes`;
}
