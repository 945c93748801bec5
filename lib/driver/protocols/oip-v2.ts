/**
 * The protocol `oip-v2`: `POST /v2/models/{model}/infer` of the Open Inference Protocol, which KServe, MLServer, Triton and others serve. They name no
 * instance, times, usage or effective params, so these are null. Chosen by choose-protocol.ts.
 */
import type { Failure } from '../../core/failure.ts';
import { jsonOrNull } from '../../core/json-or-null.ts';
import { afterReads } from '../after-reads.ts';
import { type HttpClient, httpClient } from '../http-client.ts';
import { MAX_ANSWER_BYTES, modelError } from './answer-guards.ts';
import { boundedCall } from './bounded-call.ts';
import { endOfRead, endWithoutAnswer } from './generation-end.ts';
import type { ModelProtocol } from './model-protocol.ts';
import { readRefusal } from './native-answer.ts';
import { readInference } from './oip-answer.ts';
import { type DeclaredTensor, metadataSchema, openBodyOf } from './oip-input.ts';
import { plainHealth } from './plain-health.ts';

const METADATA_BYTES = 1024 * 1024;
const JSON_HEADERS = { 'content-type': 'application/json' };

export interface OipOptions {
  readonly serverUrl: string;
  readonly connections: number;
  /** Name of the model at its server. */
  readonly model: string;
  readonly params: Readonly<Record<string, unknown>>;
  readonly inputPath: (sha256: string) => string;
}

export function oipProtocol(options: OipOptions): ModelProtocol {
  const samples = httpClient(options.serverUrl, options.connections);
  const control = httpClient(options.serverUrl, 4);
  const path = `/v2/models/${encodeURIComponent(options.model)}`;
  let declared: readonly DeclaredTensor[] = [];
  return {
    health: (limit) => plainHealth(control, '/v2/health/ready', limit),
    describe: async () => {
      const asked = await askInputs(control, path, options.model);
      if (asked.ok) declared = asked.inputs;
      return asked.ok ? null : asked.failure;
    },
    prepare: (sample) => openBodyOf(sample, declared, options),
    generate: async (generationId, prepared, _outputDir, limit) => {
      const body = `${prepared},"id":${JSON.stringify(generationId)}}`;
      const request = { method: 'POST', path: `${path}/infer`, headers: JSON_HEADERS, body, maxBytes: MAX_ANSWER_BYTES } as const;
      const result = await samples.send(request, limit);
      await afterReads();
      if (result.kind !== 'answer') return endWithoutAnswer(result);
      if (result.status !== 200) return endOfRead({ ok: false, failure: readRefusal(result.status, result.body) }, result);
      return endOfRead(readInference(result.body, generationId), result);
    },
    // The protocol has neither: closing the connection is all the cancel there is, and the server ends with its signal.
    cancel: async () => {},
    shutdown: async () => {},
    close: async () => {
      await Promise.all([samples.close(), control.close()]);
    },
  };
}

type Asked = { readonly ok: true; readonly inputs: readonly DeclaredTensor[] } | { readonly ok: false; readonly failure: Failure };

async function askInputs(client: HttpClient, path: string, model: string): Promise<Asked> {
  const result = await boundedCall(client, { method: 'GET', path, maxBytes: METADATA_BYTES }, 10_000);
  if (result.kind !== 'answer') return { ok: false, failure: modelError('metadata-missing', `GET ${path}: ${result.kind}`) };
  if (result.status === 404) return { ok: false, failure: modelError('other-model', `the server has no model of the name ${model}`) };
  if (result.status !== 200) return { ok: false, failure: modelError('metadata-missing', `GET ${path}: ${result.status}; expected 200`) };
  const parsed = metadataSchema.safeParse(jsonOrNull(result.body.toString('utf8')));
  if (parsed.success) return { ok: true, inputs: parsed.data.inputs ?? [] };
  const [issue] = parsed.error.issues;
  const message = `GET ${path}: ${issue?.path.join('.') ?? ''} ${issue?.message ?? 'no metadata of a model'}`;
  return { ok: false, failure: modelError('metadata-bad-shape', message) };
}
