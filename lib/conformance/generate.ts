/**
 * Requests that several rules make: a generation of the sample input, under an id of the check's own.
 */
import type { Failure } from '../core/failure.ts';
import type { HttpResult } from '../driver/http-client.ts';
import { readCompletion } from '../driver/protocols/chat-answer.ts';
import type { ModelAnswer } from '../driver/protocols/model-protocol.ts';
import { readRecord, readRefusal } from '../driver/protocols/native-answer.ts';
import { complete } from './complete.ts';
import type { CheckContext, SampleInput } from './rule.ts';

export interface GenerationOptions {
  readonly id: string;
  readonly seed: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Members laid over the body. */
  readonly change?: object;
}

export function putGeneration(context: CheckContext, input: SampleInput, options: GenerationOptions): Promise<HttpResult> {
  const { task, ...given } = input;
  const output = context.outputsDir === null ? {} : { dir: `${context.outputsDir}/${options.id}` };
  const body = JSON.stringify({ task, input: given, params: {}, seed: options.seed, output, deadlineSeconds: 300, ...options.change });
  const headers = { 'content-type': 'application/json', ...options.headers };
  return context.send({ method: 'PUT', path: `/generate/${options.id}`, headers, body }, context.generationMs);
}

export type Generated = { readonly ok: true; readonly answer: ModelAnswer } | { readonly ok: false; readonly failure: Failure };

export function readGeneration(result: HttpResult, id: string): Generated {
  if (result.kind !== 'answer') return { ok: false, failure: { class: 'transient', code: result.kind, message: 'no answer' } };
  return result.status === 200 ? readRecord(result.body, id) : { ok: false, failure: readRefusal(result.status, result.body) };
}

/** One generation, in the words of the server's protocol: native, or a chat completion, which knows no id. */
export async function generateOnce(
  context: CheckContext,
  input: SampleInput,
  { id, seed }: { id: string; seed: number },
): Promise<Generated> {
  if (context.protocol !== 'openai-chat') return readGeneration(await putGeneration(context, input, { id, seed }), id);
  const result = await complete(context, input, { seed, stream: false });
  if (result.kind !== 'answer' || result.status !== 200) return readGeneration(result, id);
  return readCompletion(result.body);
}

/** What must be equal when a seed is honoured. */
export function essenceOf({ text, value, files }: ModelAnswer): string {
  return JSON.stringify([text, value, files.map((file) => file.sha256)]);
}
