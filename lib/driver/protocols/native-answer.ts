/**
 * Reads the generation record of the native protocol: hostile bytes in, a checked answer or the sample's failure out. Called by
 * protocols/native.ts for every answer.
 */
import { FAILURE_CLASSES, type Failure, type FailureClass } from '../../core/failure.ts';
import {
  amountAt,
  BadAnswer,
  badShape,
  countAt,
  failureOfBadAnswer,
  isObject,
  modelError,
  objectAt,
  paramsAt,
  parseJson,
  stringAt,
  textAt,
  valueAt,
} from './answer-guards.ts';
import type { ClaimedFile, ModelAnswer, ServerTimings, Usage } from './model-protocol.ts';

const MAX_FILES = 64;
const SHA256 = /^[0-9a-f]{64}$/;

export type ReadAnswer = { readonly ok: true; readonly answer: ModelAnswer } | { readonly ok: false; readonly failure: Failure };

/** The body of a 200. */
export function readRecord(body: Buffer, generationId: string): ReadAnswer {
  try {
    const record = objectAt(parseJson(body), 'the answer');
    if (record.id !== generationId) throw badShape('id', `"${generationId}"`, record.id);
    if (record.status === 'succeeded') return { ok: true, answer: answerOf(record, body.length) };
    if (record.status === 'failed') return { ok: false, failure: readError(record.error) };
    if (record.status === 'cancelled') {
      return {
        ok: false,
        failure: modelError('generation-cancelled', 'the server says that the generation was cancelled; nobody had asked for it'),
      };
    }
    throw badShape('status', '"succeeded", "failed" or "cancelled"', record.status);
  } catch (thrown) {
    return { ok: false, failure: failureOfBadAnswer(thrown) };
  }
}

/**
 * The body of any other status. What the server says of its own error counts; else a status decides: 400, 413 and 422 are
 * invalid input, 408, 425, 429, 502, 503 and 504 may pass by themselves, every other one is the model's error (500 too: a crash
 * in a handler is not cured by asking again).
 */
export function readRefusal(status: number, body: Buffer): Failure {
  const said = bodyOf(body);
  if (isObject(said.error) && isFailureClass(said.error.class)) return readError(said.error);
  const problem = isObject(said.error) ? { code: said.error.code, detail: said.error.message } : said;
  const text = typeof problem.detail === 'string' ? problem.detail : body.subarray(0, 300).toString('utf8');
  const code = typeof problem.code === 'string' && problem.code !== '' ? problem.code.slice(0, 200) : `http-${status}`;
  return { class: classOfStatus(status), code, message: `the server answered ${status}: ${text}`.slice(0, 4000) };
}

/** What a status says where nothing else does: see readRefusal. */
export function classOfStatus(status: number): FailureClass {
  if (status === 400 || status === 413 || status === 422) return 'invalid_input';
  if ([408, 425, 429, 502, 503, 504].includes(status)) return 'transient';
  return status === 409 ? 'infra' : 'model_error';
}

/** An error in `error` (ours has a class, a chat server's has none), or problem details at the top; nothing where it is neither. */
function bodyOf(body: Buffer): Record<string, unknown> {
  try {
    return objectAt(parseJson(body), 'the answer');
  } catch (thrown) {
    if (thrown instanceof BadAnswer) return {};
    throw thrown;
  }
}

/** `{class, code, message}`; an unknown class is a model error, a missing one too. */
export function readError(value: unknown): Failure {
  if (!isObject(value)) return modelError('error-missing', 'the server reports a failure without an error');
  const code = typeof value.code === 'string' && value.code !== '' ? value.code.slice(0, 200) : 'unnamed';
  const message = typeof value.message === 'string' ? value.message.slice(0, 4000) : 'no message';
  return { class: isFailureClass(value.class) ? value.class : 'model_error', code, message };
}

function isFailureClass(value: unknown): value is FailureClass {
  return FAILURE_CLASSES.some((known) => known === value);
}

function answerOf(record: Record<string, unknown>, bodyBytes: number): ModelAnswer {
  const output = objectAt(record.output, 'output');
  const answer: ModelAnswer = {
    text: textAt(output.text, 'output.text'),
    value: valueAt(output.value, 'output.value'),
    files: filesAt(output.files),
    server: timingsAt(record.timings),
    usage: usageAt(record.usage),
    effectiveParams: paramsAt(record.effectiveParams, 'effectiveParams', bodyBytes),
    peakAcceleratorMemoryMiB: amountAt(record.peakAcceleratorMemoryMiB, 'peakAcceleratorMemoryMiB'),
  };
  if (answer.text === null && answer.value === null && answer.files.length === 0) {
    throw new BadAnswer('answer-empty', 'output has neither a text nor a value nor a file');
  }
  return answer;
}

function timingsAt(value: unknown): ServerTimings | null {
  if (value === undefined || value === null) return null;
  const timings = objectAt(value, 'timings');
  return {
    queueMs: amountAt(timings.queueMs, 'timings.queueMs'),
    loadMs: amountAt(timings.loadMs, 'timings.loadMs'),
    generateMs: amountAt(timings.generateMs, 'timings.generateMs'),
    encodeMs: amountAt(timings.encodeMs, 'timings.encodeMs'),
  };
}

function usageAt(value: unknown): Usage | null {
  if (value === undefined || value === null) return null;
  const given = objectAt(value, 'usage');
  const promptTokens = countAt(given.promptTokens, 'usage.promptTokens');
  const completionTokens = countAt(given.completionTokens, 'usage.completionTokens');
  return { ...(promptTokens === null ? {} : { promptTokens }), ...(completionTokens === null ? {} : { completionTokens }) };
}

function filesAt(value: unknown): readonly ClaimedFile[] {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value) || value.length > MAX_FILES) throw badShape('output.files', `a list of at most ${MAX_FILES} files`, value);
  return value.map(fileAt);
}

function fileAt(value: unknown, index: number): ClaimedFile {
  const at = `output.files[${index}]`;
  const file = objectAt(value, at);
  const { kind } = file;
  if (kind !== 'video' && kind !== 'image' && kind !== 'audio' && kind !== 'text' && kind !== 'file') {
    throw badShape(`${at}.kind`, 'video, image, audio, text or file', kind);
  }
  const sha256 = stringAt(file.sha256, `${at}.sha256`, 64);
  if (!SHA256.test(sha256)) throw badShape(`${at}.sha256`, '64 lower-case hex digits', sha256);
  const bytes = countAt(file.bytes, `${at}.bytes`);
  if (bytes === null) throw badShape(`${at}.bytes`, 'a whole number', file.bytes);
  return {
    kind,
    path: stringAt(file.path, `${at}.path`, 1024),
    sha256,
    bytes,
    contentType: stringAt(file.contentType, `${at}.contentType`, 200),
    width: countAt(file.width, `${at}.width`),
    height: countAt(file.height, `${at}.height`),
    frames: countAt(file.frames, `${at}.frames`),
  };
}
