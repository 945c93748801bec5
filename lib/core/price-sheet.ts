/**
 * Prices of AWS, parsed once from the data file beside this module: every fact with its source, its date and whether it was read at
 * the source. The catalogue of instances, cost accounting and the cost model of the control plane read it; nothing asks AWS.
 */
import { z } from 'zod';
import awsPrices from './aws-prices.json' with { type: 'json' };

const usd = z.number().nonnegative();
/** True: read at the source. False: third party, undated or a single report. A text says which part was. */
const verified = z.union([z.boolean(), z.string()]);
/** When the price was read or was valid; null where nobody knows. */
const asOf = z.string().nullable();

const sourceSchema = z.object({ source: z.string(), as_of: asOf.optional(), verified, note: z.string().optional() });

const gpuRowSchema = z.object({
  instance_type: z.string(),
  gpu: z.string(),
  gpu_count: z.int().positive(),
  vram_gb_per_gpu: z.number().positive(),
  /** What EC2 reports; null where nobody read it. */
  vram_mib_per_gpu: z.int().positive().nullable(),
  vcpu: z.int().positive(),
  memory_gib: z.number().positive(),
  on_demand_usd_h: usd.nullable(),
  /** Lowest and highest over the zones of one snapshot. */
  spot_usd_h: z.object({ low: usd, high: usd, note: z.string().optional() }).nullable(),
  local_nvme_gb: z.number().positive().optional(),
  spec_note: z.string().optional(),
});

const cpuRowSchema = z.object({
  instance_type: z.string(),
  vcpu: z.int().positive(),
  memory_gib: z.number().positive(),
  on_demand_usd_h: usd.nullable(),
});

export const priceSheetSchema = z.object({
  compiled: z.iso.date(),
  currency: z.literal('USD'),
  region: z.string(),
  sources: z.object({ ec2_od: sourceSchema, ec2_spot: sourceSchema, specs: sourceSchema, mib: sourceSchema }),
  ec2_gpu: z.array(gpuRowSchema).min(1),
  ec2_cpu: z.array(cpuRowSchema).min(1),
  lambda: z.object({ arm64_gb_s: usd, requests_per_million: usd, free_tier: z.string(), as_of: asOf, verified }),
  step_functions: z.object({ standard_per_1000_transitions: usd, standard_free_transitions_month: z.int(), as_of: asOf, verified }),
  dynamodb: z.object({
    on_demand_write_per_million_wru: usd,
    on_demand_read_per_million_rru: usd,
    storage_gb_month: usd,
    free_storage_gb: usd,
    as_of: asOf,
    verified,
  }),
  s3: z.object({ standard_gb_month: usd, put_copy_post_list_per_1000: usd, get_per_1000: usd, as_of: asOf, verified }),
  eventbridge: z.object({ custom_events_per_million: usd, as_of: asOf, verified }),
  api_gateway: z.object({ http_api_per_million: usd, as_of: asOf, verified }),
  network: z.object({
    nat_gateway_h: usd,
    nat_gateway_gb: usd,
    public_ipv4_h: usd,
    interface_endpoint_az_h: usd,
    internet_out_gb: usd,
    as_of: asOf,
    verified,
  }),
  observability: z.object({
    logs_ingest_gb: usd,
    custom_metric_month: usd,
    alarm_month: usd,
    xray_per_million_traces: usd,
    as_of: asOf,
    verified,
  }),
  storage: z.object({ ebs_gp3_gb_month: usd, ecr_gb_month: usd, as_of: asOf, verified }),
  other: z.object({ sqs_per_million: usd, kms_key_month: usd, as_of: asOf, verified }),
});
export type PriceSheet = z.infer<typeof priceSheetSchema>;

/** us-east-1, US dollars. `compiled` is the date that goes with every figure made of it. */
export const PRICE_SHEET: PriceSheet = priceSheetSchema.parse(awsPrices);
