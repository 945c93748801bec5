/** Runs of the deployment as the tests see them: specs uploaded to S3, states and scores read back. */
import { GetObjectCommand, ListObjectsV2Command, PutObjectCommand } from '@aws-sdk/client-s3';
import { ListExecutionsCommand } from '@aws-sdk/client-sfn';
import { keys } from '../../lib/core/object-key.ts';
import { runSchema, type Run } from '../../lib/api/schemas/run.ts';
import { sampleRowSchema, type SampleRow } from '../../lib/core/sample.ts';
import { runIdOfObject } from '../../lib/workflow/run-id.ts';
import { type QualityScores, qualityOf } from './quality-scores.ts';
import { variableOf, runningTaskContainers, type TaskContainer } from './containers.ts';
import { waitFor } from './wait-for.ts';
import { OWNER_LABEL } from './work-folder.ts';
import type { World } from './world.ts';

/** States that a run does not leave by itself. */
const ENDS = new Set(['succeeded', 'incomplete', 'failed', 'cancelled', 'stopped-budget', 'rejected']);

export interface Upload {
  readonly runId: string;
  /** What S3 tells EventBridge about it, and EventBridge the launcher. */
  readonly event: object;
  readonly atMs: number;
}

/** Puts a spec below `specs/`. The emulator's events have no version, so the run is named after the ETag. */
export async function uploadSpec(world: World, name: string, body: string): Promise<Upload> {
  const bucket = world.outputs.BucketName;
  const key = `specs/${name}`;
  const atMs = Date.now();
  const { ETag } = await world.aws.s3.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: body }));
  const etag = (ETag ?? '').replaceAll('"', '');
  return { runId: runIdOfObject({ bucket, key, version: etag }), event: createdEvent(bucket, key, etag, body.length), atMs };
}

/** As EventBridge delivers it; without a version, as the emulator sends it. */
export function createdEvent(bucket: string, key: string, etag: string, size: number): object {
  return {
    version: '0',
    id: '17793124-05d4-b198-2fde-7ededc63b103',
    'detail-type': 'Object Created',
    source: 'aws.s3',
    account: '000000000000',
    time: '2026-11-20T00:00:00Z',
    region: 'us-east-1',
    resources: [`arn:aws:s3:::${bucket}`],
    detail: {
      version: '0',
      bucket: { name: bucket },
      object: { key, size, etag, sequencer: '0' },
      'request-id': 'C3D13FE58DE4C810',
      requester: '000000000000',
      'source-ip-address': '127.0.0.1',
      reason: 'PutObject',
    },
  };
}

export async function findRun(world: World, runId: string): Promise<Run | null> {
  const answer = await world.api.call(`/v1/runs/${runId}`);
  return answer.status === 404 ? null : runSchema.parse(answer.json);
}

export const runInState = (world: World, runId: string, states: readonly string[], limitMs?: number): Promise<Run> =>
  waitFor(
    `run ${runId} ${states.join(' or ')}`,
    async () => {
      const run = await findRun(world, runId);
      if (run !== null && ENDS.has(run.state) && !states.includes(run.state)) {
        throw new Error(
          `run ${runId} is ${run.state}, not ${states.join(' or ')}: ${JSON.stringify([run.failure, run.jobs.map(({ jobId, state, failure }) => [jobId, state, failure])])}`,
        );
      }
      return run !== null && states.includes(run.state) && run;
    },
    { stepMs: 500, ...(limitMs === undefined ? {} : { limitMs }) },
  );

export async function qualityOfRun(world: World, run: Run): Promise<Map<string, QualityScores>> {
  const scores = new Map<string, QualityScores>();
  for (const { jobId } of run.jobs) scores.set(jobId, qualityOf(await readObject(world, keys.jobScores(run.runId, jobId))));
  return scores;
}

export async function readObject(world: World, key: string): Promise<string> {
  const { Body } = await world.aws.s3.send(new GetObjectCommand({ Bucket: world.outputs.BucketName, Key: key }));
  return (await Body?.transformToString()) ?? '';
}

export async function listKeys(world: World, prefix: string): Promise<string[]> {
  const found = await world.aws.s3.send(new ListObjectsV2Command({ Bucket: world.outputs.BucketName, Prefix: prefix }));
  return (found.Contents ?? []).flatMap(({ Key }) => (Key === undefined ? [] : [Key]));
}

/** Rows of measured samples as they stand in the part files: one that stood twice would show. */
export async function storedRows(world: World, runId: string, jobId: string): Promise<SampleRow[]> {
  const parts = await listKeys(world, keys.sampleParts(runId, jobId));
  const texts = await Promise.all(parts.map((key) => readObject(world, key)));
  const rows = texts.flatMap((text) => text.trimEnd().split('\n')).map((line) => sampleRowSchema.parse(JSON.parse(line)));
  return rows.filter(({ warmup }) => !warmup);
}

/** Executions that were ever started for a run. */
export async function executionsOf(world: World, runId: string): Promise<string[]> {
  const { executions } = await world.aws.states.send(
    new ListExecutionsCommand({ stateMachineArn: world.outputs.StateMachineArn, maxResults: 1000 }),
  );
  return (executions ?? []).flatMap(({ name }) => (name?.startsWith(`${runId}-`) ? [name] : []));
}

/** Running containers of a run's tasks: the driver's environment names the run, and its siblings share the task. */
export async function containersOfRun(world: World, runId: string): Promise<TaskContainer[]> {
  void world;
  const running = await runningTaskContainers(OWNER_LABEL);
  const tasks = new Set<string>();
  for (const { id, name, taskArn } of running) {
    if (name === 'driver' && (await variableOf(id, 'BAKEOFF_RUN').catch(() => null)) === runId) tasks.add(taskArn);
  }
  return running.filter(({ taskArn }) => tasks.has(taskArn));
}
