/**
 * The protocol `sagemaker`: `GET /ping` and `POST /invocations`, which containers for Amazon SageMaker serve. They name no instance, requirements, times
 * or effective params, so these are null. Chosen by choose-protocol.ts.
 *
 * Source of the contract: Amazon SageMaker AI Developer Guide, "Custom Inference Code with Hosting Services".
 */
import { afterReads } from '../after-reads.ts';
import { type HttpAnswer, httpClient } from '../http-client.ts';
import { failureOfBadAnswer } from './answer-guards.ts';
import { writeAnswerFiles } from './answer-file.ts';
import { endOfRead, endWithoutAnswer } from './generation-end.ts';
import type { ModelProtocol } from './model-protocol.ts';
import { type ReadAnswer, readRefusal } from './native-answer.ts';
import { plainHealth } from './plain-health.ts';
import { readInvocation } from './sagemaker-answer.ts';
import { invocationOf } from './sagemaker-input.ts';

/** An answer may be a video. */
const MAX_INVOCATION_BYTES = 256 * 1024 * 1024;
const HEADERS = { 'content-type': 'application/json', accept: 'application/json' };

export interface SagemakerOptions {
  readonly serverUrl: string;
  readonly connections: number;
  readonly params: Readonly<Record<string, unknown>>;
  readonly inputPath: (sha256: string) => string;
}

export function sagemakerProtocol(options: SagemakerOptions): ModelProtocol {
  const samples = httpClient(options.serverUrl, options.connections);
  const control = httpClient(options.serverUrl, 4);
  return {
    health: (limit) => plainHealth(control, '/ping', limit),
    // The contract has nothing that a container could say of itself.
    describe: async () => null,
    prepare: (sample) => invocationOf(sample, options),
    generate: async (_generationId, body, outputDir, limit) => {
      const request = { method: 'POST', path: '/invocations', headers: HEADERS, body, maxBytes: MAX_INVOCATION_BYTES } as const;
      const result = await samples.send(request, limit);
      await afterReads();
      return result.kind === 'answer' ? endOfRead(await readAnswer(result, outputDir), result) : endWithoutAnswer(result);
    },
    // The contract has neither: closing the connection is all the cancel there is, and containers end with SIGTERM.
    cancel: async () => {},
    shutdown: async () => {},
    close: async () => {
      await Promise.all([samples.close(), control.close()]);
    },
  };
}

async function readAnswer({ status, body, headers }: HttpAnswer, outputDir: string): Promise<ReadAnswer> {
  if (status !== 200) return { ok: false, failure: readRefusal(status, body) };
  try {
    const invocation = readInvocation(body, headers['content-type']);
    if (invocation.kind === 'read') return invocation.read;
    const files = await writeAnswerFiles([invocation.file], outputDir);
    const nothing = { text: null, value: null, server: null, usage: null, effectiveParams: null, peakAcceleratorMemoryMiB: null };
    return { ok: true, answer: { ...nothing, files } };
  } catch (thrown) {
    return { ok: false, failure: failureOfBadAnswer(thrown) };
  }
}
