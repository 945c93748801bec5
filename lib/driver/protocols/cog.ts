/**
 * The protocol `cog`: `PUT /predictions/{id}`, answered once the prediction has ended, as images built with Cog serve it. They name no instance,
 * requirements, usage or effective params, so these are null. Chosen by choose-protocol.ts.
 */
import { z } from 'zod';
import type { Failure } from '../../core/failure.ts';
import { jsonOrNull } from '../../core/json-or-null.ts';
import { afterReads } from '../after-reads.ts';
import { type HttpAnswer, type HttpClient, httpClient } from '../http-client.ts';
import { failureOfBadAnswer, modelError } from './answer-guards.ts';
import { writeAnswerFiles } from './answer-file.ts';
import { boundedCall } from './bounded-call.ts';
import { readPrediction } from './cog-answer.ts';
import { bodyOf, CONVENTIONAL, type CogInputs, readInputs } from './cog-input.ts';
import { endOfRead, endWithoutAnswer } from './generation-end.ts';
import type { Health, ModelProtocol } from './model-protocol.ts';
import { type ReadAnswer, readRefusal } from './native-answer.ts';
import { plainHealth } from './plain-health.ts';

/** Files come inside the answer, a third larger than they are: 192 MiB of them. */
const MAX_PREDICTION_BYTES = 256 * 1024 * 1024;
const DOCUMENT_BYTES = 4 * 1024 * 1024;
const JSON_HEADERS = { 'content-type': 'application/json' };

export interface CogOptions {
  readonly serverUrl: string;
  readonly connections: number;
  readonly params: Readonly<Record<string, unknown>>;
  readonly inputPath: (sha256: string) => string;
}

export function cogProtocol(options: CogOptions): ModelProtocol {
  const samples = httpClient(options.serverUrl, options.connections);
  const control = httpClient(options.serverUrl, 4);
  let inputs: CogInputs = CONVENTIONAL;
  return {
    health: (limit) => plainHealth(control, '/health-check', limit, judgeHealth),
    describe: async () => {
      const read = await askInputs(control);
      if (read.ok) inputs = read.inputs;
      return read.ok ? null : read.failure;
    },
    prepare: (sample) => bodyOf(sample, inputs, options),
    generate: async (generationId, body, outputDir, limit) => {
      const path = `/predictions/${generationId}`;
      const result = await samples.send({ method: 'PUT', path, headers: JSON_HEADERS, body, maxBytes: MAX_PREDICTION_BYTES }, limit);
      await afterReads();
      if (result.kind !== 'answer') return endWithoutAnswer(result);
      return endOfRead(await readAnswer(result, generationId, inputs.between, outputDir), result);
    },
    cancel: async (generationId) => {
      await boundedCall(control, { method: 'POST', path: `/predictions/${generationId}/cancel`, maxBytes: DOCUMENT_BYTES }, 5_000);
    },
    shutdown: async () => {
      await boundedCall(control, { method: 'POST', path: '/shutdown', maxBytes: DOCUMENT_BYTES }, 2_000);
    },
    close: async () => {
      await Promise.all([samples.close(), control.close()]);
    },
  };
}

async function readAnswer({ status, body }: HttpAnswer, generationId: string, between: string, outputDir: string): Promise<ReadAnswer> {
  // 202 is a prediction that goes on: it was asked for with this id before, or the server does not wait for it.
  if (status !== 200) return { ok: false, failure: readRefusal(status, body) };
  try {
    const read = readPrediction(body, generationId, between);
    if (!read.ok) return read;
    const files = await writeAnswerFiles(read.output.files, outputDir);
    return { ok: true, answer: { ...read.output, files, usage: null, effectiveParams: null, peakAcceleratorMemoryMiB: null } };
  } catch (thrown) {
    return { ok: false, failure: failureOfBadAnswer(thrown) };
  }
}

const healthSchema = z.looseObject({
  status: z.enum(['UNKNOWN', 'STARTING', 'READY', 'BUSY', 'SETUP_FAILED', 'DEFUNCT', 'UNHEALTHY']),
  setup: z.looseObject({ logs: z.string().nullish() }).nullish(),
});

/** The status of the answer means nothing: a server whose setup failed says 200 as well. */
function judgeHealth({ status: httpStatus, body }: HttpAnswer): Health {
  const parsed = healthSchema.safeParse(jsonOrNull(body.toString('utf8')));
  if (!parsed.success) {
    const seen = JSON.stringify(body.subarray(0, 120).toString('utf8'));
    return { kind: 'bad', message: `GET /health-check answered ${httpStatus} with ${seen}: not a health record of Cog` };
  }
  const { status, setup } = parsed.data;
  const up = (state: 'starting' | 'ready' | 'busy', failure: Failure | null = null): Health => {
    return { kind: 'up', status: failure === null ? state : 'failed', instance: null, failure };
  };
  if (status === 'SETUP_FAILED')
    return up('starting', modelError('setup-failed', endOf(setup?.logs) ?? 'setup failed, and the server says not why'));
  if (status === 'DEFUNCT') return up('starting', modelError('server-defunct', 'the server says that it cannot recover (DEFUNCT)'));
  if (status === 'READY' || status === 'BUSY') return up(status === 'READY' ? 'ready' : 'busy');
  return up('starting');
}

function endOf(logs: string | null | undefined): string | null {
  return logs == null || logs.trim() === '' ? null : logs.trim().slice(-2000);
}

type Asked = { readonly ok: true; readonly inputs: CogInputs } | { readonly ok: false; readonly failure: Failure };

/** A server that was built without a document of its inputs is asked by conventions; one that has a document must have a readable one. */
async function askInputs(client: HttpClient): Promise<Asked> {
  const result = await boundedCall(client, { method: 'GET', path: '/openapi.json', maxBytes: DOCUMENT_BYTES }, 10_000);
  if (result.kind !== 'answer') return { ok: false, failure: modelError('schema-missing', `GET /openapi.json: ${result.kind}`) };
  if (result.status !== 200) return { ok: true, inputs: CONVENTIONAL };
  const inputs = readInputs(result.body);
  if (inputs !== null) return { ok: true, inputs };
  return { ok: false, failure: modelError('schema-bad-shape', 'GET /openapi.json has no components.schemas.Input of a predictor') };
}
