/**
 * The protocol `openai-chat`: `POST /v1/chat/completions`, streamed where the load asks for it, images as content parts. Stock servers speak it,
 * so what it cannot tell (instance, requirements, server timings, effective params) is null. Chosen by choose-protocol.ts.
 */
import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { type Failure, failureSchema } from '../../core/failure.ts';
import type { FrozenItem } from '../../core/job.ts';
import { jsonOrNull } from '../../core/json-or-null.ts';
import { afterReads } from '../after-reads.ts';
import { type HttpAnswer, type HttpClient, httpClient, type HttpRequest, type Switch } from '../http-client.ts';
import { MAX_ANSWER_BYTES, modelError } from './answer-guards.ts';
import { boundedCall } from './bounded-call.ts';
import { readCompletion } from './chat-answer.ts';
import { chatStream } from './chat-stream.ts';
import type { GenerationEnd, Health, ModelProtocol } from './model-protocol.ts';
import { endOfRead, endWithoutAnswer, type JudgedEnd } from './generation-end.ts';
import { SMALL_BODY_BYTES } from './native.ts';
import { readRefusal } from './native-answer.ts';
import { streamedExchange } from './streamed-answer.ts';

/** Our own servers name their instance here; stock ones do not know it. */
export const INSTANCE_HEADER = 'x-bakeoff-instance';
const JSON_HEADERS = { 'content-type': 'application/json' };

export interface OpenaiChatOptions {
  readonly serverUrl: string;
  readonly connections: number;
  /** Name sent as `model`. */
  readonly model: string;
  readonly params: Readonly<Record<string, unknown>>;
  readonly inputPath: (sha256: string) => string;
  /** Asks for the answers piece by piece. */
  readonly stream: boolean;
}

export function openaiChatProtocol(options: OpenaiChatOptions): ModelProtocol {
  const samples = httpClient(options.serverUrl, options.connections);
  const control = httpClient(options.serverUrl, 4);
  const streaming = options.stream ? { stream: true, stream_options: { include_usage: true } } : { stream: false };
  return {
    health: (limit) => chatHealth(control, limit),
    describe: () => modelsListed(control),
    prepare: (sample) => {
      const messages = messagesOf(sample.item, options.inputPath);
      const bodyOf = (ready: unknown): string =>
        JSON.stringify({ ...options.params, model: options.model, messages: ready, seed: sample.seed, ...streaming });
      return messages instanceof Promise ? messages.then(bodyOf) : bodyOf(messages);
    },
    generate: async (_generationId, body, _outputDir, limit): Promise<GenerationEnd> => {
      const request = { method: 'POST', path: '/v1/chat/completions', headers: JSON_HEADERS, body, maxBytes: MAX_ANSWER_BYTES } as const;
      if (options.stream) return generateStreamed(samples, request, limit);
      const result = await samples.send(request, limit);
      await afterReads();
      return result.kind === 'answer' ? endOf(result) : endWithoutAnswer(result);
    },
    // Closing the connection is all the cancel that this protocol knows.
    cancel: async () => {},
    shutdown: async () => {
      await boundedCall(control, { method: 'POST', path: '/shutdown', maxBytes: SMALL_BODY_BYTES }, 2_000);
    },
    close: async () => {
      await Promise.all([samples.close(), control.close()]);
    },
  };
}

function endOf(answer: HttpAnswer): JudgedEnd {
  if (answer.status === 200) return endOfRead(readCompletion(answer.body), answer);
  return endOfRead({ ok: false, failure: readRefusal(answer.status, answer.body) }, answer);
}

/** A server that answers with one document in spite of what was asked has answered, and its answer has no pieces. */
async function generateStreamed(client: HttpClient, request: HttpRequest, limit: Switch): Promise<GenerationEnd> {
  const { result, read } = await streamedExchange(client, request, limit, chatStream());
  if (result.kind !== 'answer') return endWithoutAnswer(result);
  if (read !== null) return endOfRead(read, result);
  const end = endOf(result);
  if (end.kind === 'succeeded') return { ...end, answer: { ...end.answer, stream: null } };
  if (result.status !== 400 && result.status !== 422) return end;
  const message = `${end.failure.message} (asked for with stream: true and stream_options.include_usage: true)`;
  return { ...end, failure: { ...end.failure, message } };
}

/** Messages of the item as they are; else one user message of the prompt and the images. */
function messagesOf(item: FrozenItem, inputPath: (sha256: string) => string): unknown | Promise<unknown> {
  const { prompt, messages, files } = item.input;
  if (messages !== undefined) return messages;
  if (files === undefined || files.length === 0) return [{ role: 'user', content: prompt ?? '' }];
  return withImages(prompt, files, inputPath);
}

async function withImages(
  prompt: string | undefined,
  files: NonNullable<FrozenItem['input']['files']>,
  inputPath: (sha256: string) => string,
): Promise<unknown> {
  const images = await Promise.all(
    files.map(async ({ sha256, contentType }) => {
      const bytes = await readFile(inputPath(sha256));
      return { type: 'image_url', image_url: { url: `data:${contentType};base64,${bytes.toString('base64')}` } };
    }),
  );
  const text = prompt === undefined ? [] : [{ type: 'text', text: prompt }];
  return [{ role: 'user', content: [...text, ...images] }];
}

async function chatHealth(client: HttpClient, limit: Switch): Promise<Health> {
  const result = await client.send({ method: 'GET', path: '/health', maxBytes: SMALL_BODY_BYTES }, limit);
  if (result.kind === 'aborted') return { kind: 'silent' };
  if (result.kind === 'lost') return { kind: 'down', refused: !result.reached, message: result.message };
  if (result.kind !== 'answer') return { kind: 'bad', message: `GET /health: ${result.kind}` };
  const named = result.headers[INSTANCE_HEADER];
  const instance = typeof named === 'string' ? named.slice(0, 200) : null;
  if (result.status === 200) return { kind: 'up', status: 'ready', instance, ...deviceOf(result.body), failure: null };
  if (result.status === 503) {
    const failure = setupFailure(result.body);
    return { kind: 'up', status: failure === null ? 'starting' : 'failed', instance, failure };
  }
  return { kind: 'bad', message: `GET /health answered ${result.status}; expected 200 or 503` };
}

/** Servers of ours say what they run on, as native ones do; stock servers answer with an empty body. */
const deviceSchema = z.object({ device: z.looseObject({ kind: z.string() }), libraries: z.record(z.string(), z.string()).optional() });

function deviceOf(body: Buffer): { device?: Readonly<Record<string, unknown>> } {
  const parsed = deviceSchema.safeParse(jsonOrNull(body.toString('utf8')));
  if (!parsed.success) return {};
  const { device, libraries } = parsed.data;
  return { device: { ...device, ...(libraries === undefined ? {} : { libraries }) } };
}

/** What a server of ours says beside its 503 when it will never be ready; stock servers say nothing, and are waited for. */
const failedHealthSchema = z.object({ status: z.literal('failed'), error: failureSchema.nullish() });

function setupFailure(body: Buffer): Failure | null {
  const parsed = failedHealthSchema.safeParse(jsonOrNull(body.toString('utf8')));
  return parsed.success ? (parsed.data.error ?? modelError('setup-failed', 'the server says "failed" and not why')) : null;
}

/** Stock servers cannot tell their requirements; that they list a model is all there is to check. */
async function modelsListed(client: HttpClient): Promise<Failure | null> {
  const result = await boundedCall(client, { method: 'GET', path: '/v1/models', maxBytes: SMALL_BODY_BYTES }, 10_000);
  if (result.kind === 'answer' && result.status === 200) return null;
  const seen = result.kind === 'answer' ? String(result.status) : result.kind;
  return modelError('models-missing', `GET /v1/models: ${seen}; expected 200`);
}
