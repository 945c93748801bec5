/**
 * Asks the ECS task metadata endpoint (version 4) what this task is and what its containers use. Called by ecs-task.ts. Every answer is
 * parsed; a request is bounded in time and size, since the driver measures a model meanwhile.
 */
import { request } from 'undici';
import { z } from 'zod';
import { CONTAINERS } from '../core/environment-names.ts';
import { BakeoffError, messageOf } from '../core/errors.ts';

const LIMIT_MS = 2_000;
const MAX_BYTES = 1024 * 1024;

/** An endpoint that says nothing of a container leaves its id empty. */
const taskSchema = z.looseObject({
  TaskARN: z.string().regex(/^arn:[\x21-\x7e]{1,1900}$/, 'the ARN of a task'),
  Containers: z
    .array(
      z.looseObject({ Name: z.string().max(300), DockerId: z.string().max(300).optional(), KnownStatus: z.string().max(100).optional() }),
    )
    .max(100)
    .default([]),
});

export interface TaskFact {
  readonly taskArn: string;
  /** The container beside the driver; null while the endpoint does not know it. */
  readonly model: { readonly dockerId: string | null; readonly hasStopped: boolean } | null;
}

export interface EcsMetadata {
  /** Throws an Error with what was seen. */
  readonly task: () => Promise<TaskFact>;
  /** What the endpoint tells of each container, by Docker id: unparsed values. Throws an Error with what was seen. */
  readonly stats: () => Promise<Readonly<Record<string, unknown>>>;
}

/** `url` is ECS_CONTAINER_METADATA_URI_V4, without a slash at its end. */
export function ecsMetadata(url: string): EcsMetadata {
  return {
    task: async () => {
      const task = parsedAs(taskSchema, await getJson(`${url}/task`), '/task');
      const model = task.Containers.find(({ Name }) => Name === CONTAINERS.model);
      return {
        taskArn: task.TaskARN,
        model: model === undefined ? null : { dockerId: model.DockerId || null, hasStopped: model.KnownStatus === 'STOPPED' },
      };
    },
    stats: async () => parsedAs(z.record(z.string(), z.unknown()), await getJson(`${url}/task/stats`), '/task/stats'),
  };
}

/** The task, asked again every `pauseMs` while the agent is not ready; throws `task-unknown` after `tries`. */
export async function firstTask(metadata: EcsMetadata, tries: number, pauseMs: number): Promise<TaskFact> {
  for (let left = tries - 1; ; left -= 1) {
    try {
      return await metadata.task();
    } catch (error) {
      if (left <= 0) throw unknownTask(tries, error);
      await new Promise((resolve) => setTimeout(resolve, pauseMs));
    }
  }
}

function unknownTask(tries: number, cause: unknown): BakeoffError {
  return new BakeoffError({
    code: 'task-unknown',
    message: `the ECS metadata endpoint did not tell the task's ARN in ${tries} tries: ${messageOf(cause)}`,
    remedy: 'Run the driver as a container of an ECS task, and let its user reach the metadata endpoint of the agent.',
    kind: 'environment',
    cause,
  });
}

async function getJson(url: string): Promise<unknown> {
  const { statusCode, body } = await request(url, { signal: AbortSignal.timeout(LIMIT_MS) });
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of body) {
    const piece = Buffer.from(chunk);
    bytes += piece.length;
    if (bytes > MAX_BYTES) throw new Error(`the answer has more than ${MAX_BYTES} bytes`);
    chunks.push(piece);
  }
  if (statusCode !== 200) throw new Error(`the answer has status ${statusCode}; expected 200`);
  try {
    return JSON.parse(Buffer.concat(chunks).toString('utf8'));
  } catch {
    throw new Error('the answer is not JSON');
  }
}

function parsedAs<T>(schema: z.ZodType<T>, value: unknown, path: string): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  throw new Error(`${path}: ${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'not as expected'}`);
}
