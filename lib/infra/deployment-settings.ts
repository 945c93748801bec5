/**
 * The settings of a deployment: the key `bakeoff` in the context of cdk.json, parsed once by bin/app.ts and handed to the stacks.
 * docs/deployment-settings.md is generated from the descriptions here; each names the price of what it turns on.
 */
import { z } from 'zod';
import { BakeoffError } from '../core/errors.ts';
import { DEFAULT_FLEET, fleetSchema } from '../core/fleet.ts';
import { idSchema } from '../core/ids.ts';
import { settingProblems } from './setting-problems.ts';

/** What CloudWatch Logs accepts, up to a year. */
const LOG_RETENTION_DAYS = [1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365] as const;

const ZONE = /^[a-z]{2}(?:-[a-z]+)+-\d[a-z]$/;
const REGISTRY_HOST = /^[a-z0-9][a-z0-9.-]{2,200}$/;

const apiAuthSchema = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('iam') }),
  z.strictObject({ type: z.literal('jwt'), issuer: z.url({ protocol: /^https$/ }), audience: z.array(z.string().min(1)).min(1).max(10) }),
]);

const adoptSchema = z.strictObject({ bucketName: z.string().min(3).max(63), tableName: z.string().min(3).max(255) });

/** Packages that the examples use; a test holds the list to them. */
export const EXAMPLE_PACKAGES = [
  ...['eval-video', 'gradient-boosting', 'mean-baseline', 'noise-t2v', 'oracle-t2v'],
  ...['pocket-t2v', 'random-forest', 'rapidocr', 'ridge', 'tesseract'],
];

export const deploymentSettingsSchema = z.strictObject({
  prefix: z
    .string()
    .regex(/^[a-z][a-z0-9-]{0,19}$/, 'lower-case letters, digits and hyphens, at most 20, starting with a letter')
    .default('bakeoff')
    .describe("Start of the stacks' names: `<prefix>-data` and `<prefix>-service`. Two deployments in one Region need two prefixes."),
  network: z
    .enum(['public', 'private'])
    .default('public')
    .describe(
      '`public`: instances have a public address and no ingress; costs nothing at rest, and $0.005 per instance-hour for the address. `private`: no public address; costs money at rest, see `privateEgress`.',
    ),
  privateEgress: z
    .enum(['nat', 'endpoints'])
    .default('nat')
    .describe(
      'Only with `network: private`. `nat`: one NAT gateway with its address, $0.05 per hour ($36.50 a month) and $0.045 per GB. `endpoints`: six interface endpoints, $0.01 per hour each and zone ($43.80 a month and zone); models that fetch from the internet then cannot.',
    ),
  availabilityZones: z
    .array(z.string().regex(ZONE, 'the name of a zone such as us-east-1a'))
    .max(6)
    .default([])
    .describe(
      'Zones of the instances. Empty: the first two of the Region. More zones find Spot capacity sooner and cost nothing with `network: public`.',
    ),
  fleet: fleetSchema
    .default(DEFAULT_FLEET)
    .describe('Classes of instances. Each starts from zero and costs nothing at rest; `maxInstances` bounds what can be spent at once.'),
  logRetentionDays: z
    .literal(LOG_RETENTION_DAYS)
    .default(30)
    .describe('How long logs are kept. Logs cost $0.50 per GB written and $0.03 per GB and month kept.'),
  apiAuth: apiAuthSchema
    .default({ type: 'iam' })
    .describe(
      '`{type: iam}`: requests are signed with AWS credentials. `{type: jwt, issuer, audience}`: bearer tokens of an OpenID issuer, checked by API Gateway; every valid token may do everything.',
    ),
  allowedRegistries: z
    .array(z.string().regex(REGISTRY_HOST, 'the host of a registry, without scheme or path'))
    .max(20)
    .default([])
    .describe('Hosts that `POST /v1/models` accepts images from, beside the ECR of the own account and Region.'),
  tags: z.record(z.string().min(1).max(128), z.string().max(256)).default({}).describe('Tags on every resource, beside `bakeoff:stack`.'),
  alarmEmail: z
    .email()
    .nullable()
    .default(null)
    .describe('Address that alarms are sent to; AWS asks it to confirm first. Null: alarms go to the topic alone.'),
  monthlyBudgetUsd: z
    .number()
    .positive()
    .nullable()
    .default(100)
    .describe(
      'Dollars of a month; the topic is told at 80 % and at 100 %. Nothing is stopped. Null: no budget. A budget that only tells costs nothing.',
    ),
  budgetScope: z
    .enum(['account', 'tag'])
    .default('account')
    .describe(
      'What the budget counts: the whole account, or what carries the tag `bakeoff:stack`. `tag` counts nothing until the tag is activated as a cost allocation tag in Billing.',
    ),
  adopt: adoptSchema
    .nullable()
    .default(null)
    .describe(
      'Bucket and table of an earlier deployment to go on with; the data stack then makes none. The bucket must be versioned and send its events to EventBridge.',
    ),
  packages: z
    .array(idSchema)
    .min(1)
    .max(1000)
    .default(EXAMPLE_PACKAGES)
    .describe('Folders of `models/` to build and deploy. An image costs $0.10 per GB and month in ECR.'),
  dashboard: z.boolean().default(false).describe('A CloudWatch dashboard; $3 a month beyond the first three of an account.'),
});

export type DeploymentSettings = z.infer<typeof deploymentSettingsSchema>;

/** Throws `deployment-settings-invalid` with every problem: path, value seen, value expected, remedy. */
export function parseDeploymentSettings(context: unknown): DeploymentSettings {
  const parsed = deploymentSettingsSchema.safeParse(context ?? {});
  if (parsed.success) return parsed.data;
  const problems = settingProblems(context, parsed.error.issues, Object.keys(deploymentSettingsSchema.shape));
  throw new BakeoffError({
    code: 'deployment-settings-invalid',
    message: problems.map(({ path, seen, expected }) => `${path} is ${seen}; expected ${expected}`).join('\n'),
    remedy: problems.map(({ remedy }) => remedy).join('\n'),
  });
}
