/** How an exchange with a model server becomes the end of a generation: equal for every protocol over HTTP. Called by the protocol adapters. */
import type { HttpAnswer, HttpResult } from '../http-client.ts';
import { modelError } from './answer-guards.ts';
import type { GenerationEnd } from './model-protocol.ts';
import type { ReadAnswer } from './native-answer.ts';

/** The end of an exchange that was answered. */
export type JudgedEnd = Extract<GenerationEnd, { kind: 'succeeded' | 'failed' }>;

export function endOfRead(read: ReadAnswer, { firstByteAt, doneAt }: Pick<HttpAnswer, 'firstByteAt' | 'doneAt'>): JudgedEnd {
  return read.ok
    ? { kind: 'succeeded', answer: read.answer, firstByteAt, doneAt }
    : { kind: 'failed', failure: read.failure, firstByteAt, doneAt };
}

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
