/**
 * Reads the answer of `POST /invocations`: hostile bytes of any type in, a checked answer out. Called by sagemaker.ts. The type of the answer says how
 * it is read; inside JSON, the one element that is there is the answer, whatever lists and usual names it is wrapped in.
 */
import { BadAnswer, isObject, parseJson } from './answer-guards.ts';
import { chatAnswer, readCompletion } from './chat-answer.ts';
import type { DataFile } from './data-url.ts';
import type { ModelAnswer } from './model-protocol.ts';
import type { ReadAnswer } from './native-answer.ts';

/** Around an answer, likeliest first. */
const WRAPPERS = ['predictions', 'generated_text', 'outputs', 'output', 'prediction', 'result'];
const MAX_DEPTH = 8;

/** Either an answer (or a failure) that is whole, or a file that is still to be written. Throws BadAnswer. */
export type ReadInvocation = { readonly kind: 'read'; readonly read: ReadAnswer } | { readonly kind: 'file'; readonly file: DataFile };

export function readInvocation(body: Buffer, contentType: string | string[] | undefined): ReadInvocation {
  if (body.length === 0) throw new BadAnswer('answer-empty', 'the answer has 0 bytes');
  const type = typeof contentType === 'string' ? (contentType.split(';')[0] ?? '').trim().toLowerCase() : '';
  if (type === '' || type === 'application/json' || type.endsWith('+json')) return { kind: 'read', read: ofJson(body) };
  if (type === 'text/csv') return { kind: 'read', read: { ok: true, answer: ofCsv(body.toString('utf8').trim()) } };
  if (type.startsWith('text/')) return { kind: 'read', read: { ok: true, answer: chatAnswer(body.toString('utf8'), null) } };
  if (/^[\w.+-]{1,64}\/[\w.+-]{1,64}$/.test(type)) return { kind: 'file', file: { contentType: type, bytes: body } };
  throw new BadAnswer('answer-bad-shape', `content-type is ${JSON.stringify(type.slice(0, 80))}; expected a media type`);
}

function ofJson(body: Buffer): ReadAnswer {
  const answer = parseJson(body);
  if (isObject(answer) && Array.isArray(answer.choices)) return readCompletion(body);
  return { ok: true, answer: answerOf(unwrapped(answer)) };
}

/** The innermost value, through lists of one and members of usual names. */
function unwrapped(answer: unknown): unknown {
  let value = answer;
  for (let depth = 0; depth < MAX_DEPTH; depth++) {
    const inner = innerOf(value);
    if (inner === undefined) return value;
    value = inner.value;
  }
  throw new BadAnswer('answer-bad-shape', `the answer is wrapped more than ${MAX_DEPTH} times`);
}

function innerOf(value: unknown): { readonly value: unknown } | undefined {
  if (Array.isArray(value)) return value.length === 1 ? { value: value[0] } : undefined;
  if (!isObject(value)) return undefined;
  const name = WRAPPERS.find((each) => Object.hasOwn(value, each));
  return name === undefined ? undefined : { value: value[name] };
}

function answerOf(value: unknown): ModelAnswer {
  if (value === null || (Array.isArray(value) && value.length === 0)) throw new BadAnswer('answer-empty', 'the answer has nothing in it');
  if (typeof value === 'number') return { ...chatAnswer('', null), text: null, value };
  return chatAnswer(typeof value === 'string' ? value : JSON.stringify(value), null);
}

/** A single number is a value; everything else is text. */
function ofCsv(text: string): ModelAnswer {
  const isNumber = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) && Number.isFinite(Number(text));
  return isNumber ? { ...chatAnswer('', null), text: null, value: Number(text) } : chatAnswer(text, null);
}
