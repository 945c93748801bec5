/**
 * `npm run bench at-rest`: dollars a month of a deployment in which nothing runs, computed from the synthesised templates with the price
 * sheet, once by default and once in private subnets.
 */
import { PRICE_SHEET } from '../lib/core/price-sheet.ts';
import { costAtRest } from '../lib/infra/cost-at-rest.ts';
import { checkedStack } from '../lib/infra/own-checks.ts';
import { place } from '../test/infra/synth-fixture.ts';

const VARIANTS: Readonly<Record<string, Record<string, unknown>>> = {
  default: {},
  'network: private, by NAT': { network: 'private' },
  'network: private, by endpoints in two zones': { network: 'private', privateEgress: 'endpoints' },
};

/** Continuous back-ups of the table, per GB and month: DynamoDB pricing, from general knowledge; the sheet has none. */
const POINT_IN_TIME_USD = 0.2;

export async function run(): Promise<void> {
  const { storage, s3, dynamodb, region, compiled } = PRICE_SHEET;
  process.stdout.write(`prices of ${region}, sheet of ${compiled}\n`);
  for (const [name, settings] of Object.entries(VARIANTS)) {
    const lines = linesOf(settings);
    const sum = (key: 'usd' | 'usdAfterFreeTier') => lines.reduce((total, line) => total + line[key], 0).toFixed(2);
    process.stdout.write(`${name}: $${sum('usd')} a month at rest, $${sum('usdAfterFreeTier')} with the free tier\n`);
    for (const { what, count, usd, freeTier } of lines)
      process.stdout.write(`  ${count} ${what}: $${usd.toFixed(2)} (free tier: ${freeTier})\n`);
  }
  process.stdout.write('beside it, per GB and month kept: ');
  process.stdout.write(`images $${storage.ecr_gb_month}, results $${s3.standard_gb_month}, `);
  process.stdout.write(
    `records $${dynamodb.storage_gb_month} (${dynamodb.free_storage_gb} GB free) and their back-ups $${POINT_IN_TIME_USD}\n`,
  );
}

function linesOf(settings: Record<string, unknown>) {
  const stacks = Object.values(place(settings).templates());
  return costAtRest(
    stacks.flatMap((template) => checkedStack(JSON.stringify(template), new Map()).resources),
    PRICE_SHEET,
  );
}

if (import.meta.main) await run();
