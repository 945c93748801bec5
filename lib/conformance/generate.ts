/**
 * Requests that several native rules make: a generation of the sample input, under an id of the check's own.
 */
import type { Failure } from '../core/failure.ts';
import type { HttpResult } from '../driver/http-client.ts';
import type { ModelAnswer } from '../driver/protocols/model-protocol.ts';
import { readRecord, readRefusal } from '../driver/protocols/native-answer.ts';
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

/** What must be equal when a seed is honoured. */
export function essenceOf({ text, value, files }: ModelAnswer): string {
  return JSON.stringify([text, value, files.map((file) => file.sha256)]);
}
