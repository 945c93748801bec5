/** The native protocol: `PUT /generate/{id}`, answered synchronously, or as events where the load asks for a stream. Chosen by choose-protocol.ts. */
import { z } from 'zod';
import { type Failure, failureSchema } from '../../core/failure.ts';
import type { FrozenItem } from '../../core/job.ts';
import { jsonOrNull } from '../../core/json-or-null.ts';
import { afterReads } from '../after-reads.ts';
import { misfit } from '../fits-device.ts';
import { type HttpAnswer, type HttpClient, httpClient, type HttpRequest, type Switch } from '../http-client.ts';
import { MAX_ANSWER_BYTES, modelError } from './answer-guards.ts';
import { boundedCall } from './bounded-call.ts';
import { endOfRead, endWithoutAnswer, type JudgedEnd } from './generation-end.ts';
import type { DescribedJob, Device, GenerationEnd, Health, ModelProtocol } from './model-protocol.ts';
import { readRecord, readRefusal } from './native-answer.ts';
import { nativeStream } from './native-stream.ts';
import { streamedExchange } from './streamed-answer.ts';

export const SMALL_BODY_BYTES = 256 * 1024;
const JSON_HEADERS = { 'content-type': 'application/json' };
const EVENTS_HEADERS = { ...JSON_HEADERS, accept: 'text/event-stream' };

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
  /** Asks for the answers piece by piece. */
  readonly stream: boolean;
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
      const headers = options.stream ? EVENTS_HEADERS : JSON_HEADERS;
      const request = { method: 'PUT', path, headers, body, maxBytes: MAX_ANSWER_BYTES } as const;
      if (options.stream) return generateStreamed(samples, request, generationId, limit);
      const result = await samples.send(request, limit);
      await afterReads();
      return result.kind === 'answer' ? endOf(result, generationId) : endWithoutAnswer(result);
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

/** A server that answers with the record alone in spite of what was asked has answered, and its answer has no pieces. */
async function generateStreamed(client: HttpClient, request: HttpRequest, id: string, limit: Switch): Promise<GenerationEnd> {
  const { result, read } = await streamedExchange(client, request, limit, nativeStream(id));
  if (result.kind !== 'answer') return endWithoutAnswer(result);
  if (read !== null) return endOfRead(read, result);
  const end = endOf(result, id);
  return end.kind === 'succeeded' ? { ...end, answer: { ...end.answer, stream: null } } : end;
}

function endOf(answer: HttpAnswer, generationId: string): JudgedEnd {
  if (answer.status === 200) return endOfRead(readRecord(answer.body, generationId), answer);
  return endOfRead({ ok: false, failure: readRefusal(answer.status, answer.body) }, answer);
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

async function compareRequirements(
  client: HttpClient,
  job: DescribedJob,
  device: Device | null,
  machineMemoryMiB: number,
): Promise<Failure | null> {
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
  // An image is what its digest says, whatever its server calls itself.
  if (job.model.image === undefined && (model !== job.model.id || version !== job.model.version)) {
    return modelError('other-model', `the server is ${model} ${version}; expected ${job.model.id} ${job.model.version}`);
  }
  if (!tasks.includes(job.task)) return modelError('task-missing', `the server offers ${tasks.join(', ')}; the job needs ${job.task}`);
  const needs = { acceleratorKind: accelerator?.kind ?? null, memoryMiB: memoryMiB ?? null };
  return misfit(needs, typeof device?.kind === 'string' ? device.kind : null, machineMemoryMiB);
}
