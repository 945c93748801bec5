/**
 * Cheap checks of hostile JSON for the hot path of the driver (thousands of answers a second). A guard returns the value in
 * its type or throws `BadAnswer`, which the protocol adapters turn into the sample's model_error. No zod here: measured, it costs
 * more per answer than the rest of the driver together.
 */
import type { Failure } from '../../core/failure.ts';

/** Bounds on what a model may answer. */
export const MAX_ANSWER_BYTES = 8 * 1024 * 1024;
export const MAX_TEXT_BYTES = 64 * 1024;
const MAX_PARAMS_BYTES = 16 * 1024;

export class BadAnswer extends Error {
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

/** A failure of class model_error, its message cut to what a row may hold. */
export function modelError(code: string, message: string): Failure {
  return { class: 'model_error', code, message: message.slice(0, 4000) };
}

/** What was thrown while an answer was read, as the sample's failure; anything but a BadAnswer is ours and is thrown on. */
export function failureOfBadAnswer(thrown: unknown): Failure {
  if (thrown instanceof BadAnswer) return modelError(thrown.code, thrown.message);
  throw thrown;
}

/** Throws BadAnswer `answer-not-json` with the first bytes. */
export function parseJson(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    const seen = JSON.stringify(body.subarray(0, 120).toString('utf8'));
    throw new BadAnswer(
      'answer-not-json',
      `the answer of ${body.length} bytes is not JSON (NaN and Infinity are not JSON either): ${seen}`,
    );
  }
}

/** A JSON object: neither null nor a list. */
export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** `path` as in `output.files[0].kind`; `seen` is shown shortened. */
export function badShape(path: string, expected: string, seen: unknown): BadAnswer {
  const shown = seen === undefined ? 'nothing' : JSON.stringify(seen)?.slice(0, 120);
  return new BadAnswer('answer-bad-shape', `${path} is ${shown}; expected ${expected}`);
}

/** The object at `path`; throws BadAnswer `answer-bad-shape`. */
export function objectAt(value: unknown, path: string): Record<string, unknown> {
  if (isObject(value)) return value;
  throw badShape(path, 'an object', value);
}

/** The string at `path`, at most `maxLength` UTF-16 units. */
export function stringAt(value: unknown, path: string, maxLength: number): string {
  if (typeof value === 'string' && value.length <= maxLength) return value;
  throw badShape(path, `a string of at most ${maxLength} characters`, value);
}

/** A finite number of at least zero, or null where there is none. */
export function amountAt(value: unknown, path: string): number | null {
  if (value === undefined || value === null) return null;
  if (typeof value === 'number' && Number.isFinite(value) && value >= 0) return value;
  throw badShape(path, 'a finite number of at least 0, or null', value);
}

/** A whole number of at least zero, or null where there is none. */
export function countAt(value: unknown, path: string): number | null {
  const amount = amountAt(value, path);
  if (amount === null || Number.isSafeInteger(amount)) return amount;
  throw badShape(path, 'a whole number, or null', value);
}

/** Text of an answer, within what a row may hold. */
export function textAt(value: unknown, path: string): string | null {
  if (value === undefined || value === null) return null;
  if (typeof value !== 'string') throw badShape(path, 'a string', value);
  if (value.length * 3 <= MAX_TEXT_BYTES || Buffer.byteLength(value) <= MAX_TEXT_BYTES) return value;
  throw new BadAnswer('answer-text-too-long', `${path} has ${Buffer.byteLength(value)} bytes; expected at most ${MAX_TEXT_BYTES}`);
}

/** A finite number or a text, or null where there is none. */
export function valueAt(value: unknown, path: string): number | string | null {
  if (typeof value === 'number' && !Number.isFinite(value)) {
    throw new BadAnswer('answer-not-finite', `${path} is not a finite number`);
  }
  return typeof value === 'number' ? value : textAt(value, path);
}

/** `bodyBytes` bounds the object without serialising it again. */
export function paramsAt(value: unknown, path: string, bodyBytes: number): Record<string, unknown> | null {
  if (value === undefined || value === null) return null;
  const params = objectAt(value, path);
  if (bodyBytes <= MAX_PARAMS_BYTES || JSON.stringify(params).length <= MAX_PARAMS_BYTES) return params;
  throw badShape(path, `at most ${MAX_PARAMS_BYTES} bytes`, Object.keys(params).length);
}
