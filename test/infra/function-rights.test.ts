/**
 * The rights of each function beside the calls that its bundle can make: the commands of the AWS SDK that esbuild left in it. What is
 * reachable and not granted would fail in an account, and no emulator would tell; what is granted and not reachable is too much.
 */
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Metafile } from 'esbuild';
import { beforeAll, describe, expect, it } from 'vitest';
import { bundleFunctions } from '../../lib/infra/bundle-functions.ts';
import { allowedStatements } from '../../lib/infra/checks/policy-statements.ts';
import { FUNCTION_NAMES, type FunctionName } from '../../lib/infra/functions.ts';
import { checkedStack } from '../../lib/infra/own-checks.ts';
import { place, root } from './synth-fixture.ts';

/** Prefix of a client's actions in IAM. */
const SERVICE: Readonly<Record<string, string>> = { eventbridge: 'events', sfn: 'states' };

/** Commands whose right has another name, or several. */
const ACTIONS: Readonly<Record<string, readonly string[]>> = {
  's3:HeadObject': ['s3:GetObject'],
  's3:ListObjectsV2': ['s3:ListBucket'],
  's3:CreateMultipartUpload': ['s3:PutObject'],
  's3:CompleteMultipartUpload': ['s3:PutObject'],
  's3:UploadPart': ['s3:PutObject'],
  'dynamodb:TransactWriteItems': ['dynamodb:PutItem', 'dynamodb:UpdateItem', 'dynamodb:ConditionCheckItem'],
};

/** In every bundle because a package brings them along: never called. */
const NEVER_CALLED = new Set(['dynamodb:DescribeEndpoints', 's3:CreateSession', 's3:PutObjectTagging']);

/** Reachable in the bundle, since an adapter is one object, but not in this function: each with its reason. */
const NOT_NEEDED: Readonly<Partial<Record<FunctionName, readonly string[]>>> = {
  // The stores can write aggregates anew; only score and report do, with Plan and Settle, which clear what is stale.
  launcher: ['dynamodb:BatchWriteItem'],
  advance: ['dynamodb:BatchWriteItem', 'ecs:ListContainerInstances'],
  api: ['dynamodb:BatchWriteItem'],
  'register-model': ['dynamodb:BatchWriteItem'],
  'instance-lifecycle': ['dynamodb:BatchWriteItem'],
  // It looks for the instance and stops nothing.
  'registration-check': ['ecs:DescribeTasks', 'ecs:ListTasks', 'ecs:StopTask'],
};

const outputs: Metafile['outputs'] = {};
const stack = checkedStack(JSON.stringify(place().templates()['bakeoff-service']), new Map());

beforeAll(async () => {
  const folder = mkdtempSync(join(tmpdir(), 'bakeoff-rights-'));
  const registryFolder = mkdtempSync(join(tmpdir(), 'bakeoff-registry-'));
  Object.assign(outputs, (await bundleFunctions({ root, folder, registryFolder })).outputs);
});

/** Actions of the commands that are in the bundle of a function. */
function reachable(name: FunctionName): string[] {
  const [, output] = Object.entries(outputs).find(([path]) => path.endsWith(`/${name}/index.mjs`))!;
  const commands = Object.entries(output.inputs).flatMap(([path, { bytesInOutput }]) => {
    const [, client = '', command = ''] = /client-([a-z0-9]+)\/dist-es\/commands\/(\w+)Command\.js$/.exec(path) ?? [];
    return bytesInOutput > 0 && command !== '' ? [`${SERVICE[client] ?? client}:${command}`] : [];
  });
  return [...new Set(commands.filter((command) => !NEVER_CALLED.has(command)).flatMap((command) => ACTIONS[command] ?? [command]))].sort();
}

function granted(name: FunctionName): string[] {
  const role = `${name
    .split('-')
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join('')}Role`;
  const statements = allowedStatements(stack).filter(({ resource }) => resource.logicalId.startsWith(role));
  return [...new Set(statements.flatMap(({ statement }) => statement.Action))].sort();
}

describe.each(FUNCTION_NAMES)('the function %s', (name) => {
  it('may make every call that it can make, but for the named ones', () => {
    const usesBucket = granted(name).includes('s3:GetObject');
    const missing = reachable(name)
      .filter((action) => !granted(name).includes(action))
      // A store deletes nothing on AWS, and a function without the bucket's name reaches no store.
      .filter((action) => action !== 's3:DeleteObject' && (usesBucket || !action.startsWith('s3:')));
    expect(missing).toEqual(NOT_NEEDED[name] ?? []);
  });

  it('is granted nothing of ECS, EC2, ECR, Step Functions and EventBridge that it cannot call', () => {
    const services = /^(ecs|ec2|ecr|states|events):/;
    const withCalls = new Set([...reachable(name), ...(reachable(name).includes('ecs:RegisterTaskDefinition') ? ['ecs:TagResource'] : [])]);
    expect(granted(name).filter((action) => services.test(action) && !withCalls.has(action))).toEqual([]);
  });
});
