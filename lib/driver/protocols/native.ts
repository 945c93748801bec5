/** The native protocol: `PUT /generate/{id}`, answered synchronously. Chosen by choose-protocol.ts. */
import { z } from 'zod';
import { type Failure, failureSchema } from '../../core/failure.ts';
import type { FrozenItem, Job } from '../../core/job.ts';
import { jsonOrNull } from '../../core/json-or-null.ts';
import { afterReads } from '../after-reads.ts';
import { misfit } from '../fits-device.ts';
import { type HttpClient, type HttpResult, httpClient, type Switch } from '../http-client.ts';
import { MAX_ANSWER_BYTES, modelError } from './answer-guards.ts';
import { boundedCall } from './bounded-call.ts';
import type { Device, GenerationEnd, Health, ModelProtocol } from './model-protocol.ts';
import { readRecord, readRefusal } from './native-answer.ts';

export const SMALL_BODY_BYTES = 256 * 1024;
const JSON_HEADERS = { 'content-type': 'application/json' };

export const healthSchema = z.object({
  status: z.enum(['starting', 'ready', 'busy', 'failed']),
  model: z.string().max(200),
  version: z.string().max(200),
  instance: z.string().max(200).nullable(),
  setupSeconds: z.number().nonnegative().nullable(),
  device: z.looseObject({ kind: z.string() }),
  /** Versions of what the model is built on, by name. */
  libraries: z.record(z.string().max(100), z.string().max(100)).optional(),
  error: failureSchema.nullish(),
});

const requirementsSchema = z.looseObject({
  schemaVersion: z.literal(1),
  model: z.string(),
  version: z.string(),
  tasks: z.array(z.string()),
  accelerator: z.looseObject({ kind: z.string() }).optional(),
  memoryMiB: z.number().optional(),
});

export interface NativeOptions {
  readonly serverUrl: string;
  /** Connections for samples; health and cancel have their own. */
  readonly connections: number;
  readonly task: string;
  readonly params: Readonly<Record<string, unknown>>;
  readonly sampleMs: number;
  /** Of the machine that the model runs on. */
  readonly machineMemoryMiB: number;
  /** Where the input file of a digest lies. */
  readonly inputPath: (sha256: string) => string;
}

export function nativeProtocol(options: NativeOptions): ModelProtocol {
  const samples = httpClient(options.serverUrl, options.connections);
  const control = httpClient(options.serverUrl, 4);
  const params = JSON.stringify(options.params);
  const task = JSON.stringify(options.task);
  // The SDK takes at most a week; ours is the deadline that counts.
  const deadlineSeconds = Math.min(options.sampleMs / 1000, 604_800);
  return {
    health: (limit) => nativeHealth(control, limit),
    describe: (job, device) => compareRequirements(control, job, device, options.machineMemoryMiB),
    prepare: (sample) => {
      const input = JSON.stringify(inputOf(sample.item, options.inputPath));
      return `{"task":${task},"input":${input},"params":${params},"seed":${sample.seed},"deadlineSeconds":${deadlineSeconds}`;
    },
    generate: async (generationId, prepared, outputDir, limit) => {
      const body = `${prepared},"output":{"dir":${JSON.stringify(outputDir)}}}`;
      const path = `/generate/${generationId}`;
      const request = { method: 'PUT', path, headers: JSON_HEADERS, body, maxBytes: MAX_ANSWER_BYTES } as const;
      const result = await samples.send(request, limit);
      await afterReads();
      return endOf(result, generationId);
    },
    cancel: async (generationId) => {
      await boundedCall(control, { method: 'DELETE', path: `/generate/${generationId}`, maxBytes: SMALL_BODY_BYTES }, 5_000);
    },
    shutdown: async () => {
      await boundedCall(control, { method: 'POST', path: '/shutdown', maxBytes: SMALL_BODY_BYTES }, 2_000);
    },
    close: async () => {
      await Promise.all([samples.close(), control.close()]);
    },
  };
}

/** The input as a server reads it, files by their path on this machine. */
export function inputOf(item: FrozenItem, inputPath: (sha256: string) => string): unknown {
  const { files, ...rest } = item.input;
  if (files === undefined) return rest;
  return { ...rest, files: files.map(({ sha256, contentType }) => ({ path: inputPath(sha256), sha256, contentType })) };
}

function endOf(result: HttpResult, generationId: string): GenerationEnd {
  if (result.kind !== 'answer') return endWithoutAnswer(result);
  const { firstByteAt, doneAt } = result;
  if (result.status !== 200) return { kind: 'failed', failure: readRefusal(result.status, result.body), firstByteAt, doneAt };
  const read = readRecord(result.body, generationId);
  return read.ok
    ? { kind: 'succeeded', answer: read.answer, firstByteAt, doneAt }
    : { kind: 'failed', failure: read.failure, firstByteAt, doneAt };
}

/** Equal for every protocol over HTTP. */
export function endWithoutAnswer(result: Exclude<HttpResult, { kind: 'answer' }>): GenerationEnd {
  const doneAt = performance.now();
  if (result.kind === 'too-large') {
    const failure = modelError('answer-too-large', `the answer has more than ${result.limitBytes} bytes; it was refused while it arrived`);
    return { kind: 'failed', failure, firstByteAt: null, doneAt };
  }
  if (result.kind === 'malformed') {
    return {
      kind: 'failed',
      failure: modelError('answer-not-http', `the answer is not HTTP: ${result.message}`),
      firstByteAt: null,
      doneAt,
    };
  }
  return result;
}

/** Asks `GET /health` and judges the body; shared with the evaluator protocol. */
export async function nativeHealth(client: HttpClient, limit: Switch): Promise<Health> {
  const result = await client.send({ method: 'GET', path: '/health', maxBytes: SMALL_BODY_BYTES }, limit);
  if (result.kind === 'aborted') return { kind: 'silent' };
  if (result.kind === 'lost') return { kind: 'down', refused: !result.reached, message: result.message };
  if (result.kind !== 'answer') return { kind: 'bad', message: `GET /health: ${result.kind}` };
  return judgeHealth(result.status, result.body);
}

function judgeHealth(status: number, body: Buffer): Health {
  const parsed = healthSchema.safeParse(jsonOrNull(body.toString('utf8')));
  if (!parsed.success) {
    const seen = JSON.stringify(body.subarray(0, 120).toString('utf8'));
    return {
      kind: 'bad',
      message: `GET /health answered ${status} with ${seen}: ${parsed.error.issues[0]?.message ?? 'not a health record'}`,
    };
  }
  const health = parsed.data;
  const expected = health.status === 'ready' || health.status === 'busy' ? 200 : 503;
  if (status !== expected) {
    return { kind: 'bad', message: `GET /health answered ${status} with status "${health.status}"; expected ${expected}` };
  }
  const failure = health.status === 'failed' ? (health.error ?? modelError('setup-failed', 'the server says "failed" and not why')) : null;
  const device = { ...health.device, ...(health.libraries === undefined ? {} : { libraries: health.libraries }) };
  return { kind: 'up', status: health.status, instance: health.instance, device, failure };
}

async function compareRequirements(client: HttpClient, job: Job, device: Device | null, machineMemoryMiB: number): Promise<Failure | null> {
  const result = await boundedCall(client, { method: 'GET', path: '/requirements', maxBytes: SMALL_BODY_BYTES }, 10_000);
  if (result.kind !== 'answer' || result.status !== 200) {
    const seen = result.kind === 'answer' ? String(result.status) : result.kind;
    return modelError('requirements-missing', `GET /requirements: ${seen}; expected 200`);
  }
  const parsed = requirementsSchema.safeParse(jsonOrNull(result.body.toString('utf8')));
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    return modelError('requirements-bad-shape', `GET /requirements: ${issue?.path.join('.') ?? ''} ${issue?.message ?? ''}`);
  }
  const { model, version, tasks, accelerator, memoryMiB } = parsed.data;
  if (model !== job.model.id || version !== job.model.version) {
    return modelError('other-model', `the server is ${model} ${version}; expected ${job.model.id} ${job.model.version}`);
  }
  if (!tasks.includes(job.task)) return modelError('task-missing', `the server offers ${tasks.join(', ')}; the job needs ${job.task}`);
  const needs = { acceleratorKind: accelerator?.kind ?? null, memoryMiB: memoryMiB ?? null };
  return misfit(needs, typeof device?.kind === 'string' ? device.kind : null, machineMemoryMiB);
}
