/**
 * Reads a prediction of Cog: hostile bytes in, a checked answer or the sample's failure out. Called by cog.ts. The type of an output is the
 * predictor's own: a number, a text, a file, or lists and objects of them.
 */
import type { Failure } from '../../core/failure.ts';
import { amountAt, BadAnswer, badShape, isObject, modelError, objectAt, parseJson } from './answer-guards.ts';
import { type DataFile, readDataUrl } from './data-url.ts';
import type { ServerTimings } from './model-protocol.ts';

/** What a prediction has as its output; its files are still to be written. */
export interface CogOutput {
  readonly text: string | null;
  readonly value: number | null;
  readonly files: readonly DataFile[];
  readonly server: ServerTimings | null;
}

export type ReadPrediction = { readonly ok: true; readonly output: CogOutput } | { readonly ok: false; readonly failure: Failure };

/** The body of a 200. `between`: what stands between the texts of a list. Throws BadAnswer. */
export function readPrediction(body: Buffer, generationId: string, between: string): ReadPrediction {
  const prediction = objectAt(parseJson(body), 'the answer');
  const { id, status, error, output } = prediction;
  if (id !== undefined && id !== null && id !== generationId) throw badShape('id', `"${generationId}"`, id);
  if (status === 'failed') return { ok: false, failure: modelError('prediction-failed', wordsOf(error)) };
  if (status === 'canceled') {
    const message = 'the server says that the prediction was cancelled; nobody had asked for it';
    return { ok: false, failure: modelError('generation-cancelled', message) };
  }
  if (status !== 'succeeded') throw badShape('status', '"succeeded", "failed" or "canceled"', status);
  return { ok: true, output: { ...outputOf(output, between), server: timingsOf(prediction.metrics) } };
}

function wordsOf(error: unknown): string {
  return typeof error === 'string' && error !== '' ? error : 'the prediction failed, and the server does not say why';
}

const NOTHING = { text: null, value: null, files: [] };

function outputOf(output: unknown, between: string): Omit<CogOutput, 'server'> {
  if (output === undefined || output === null) throw new BadAnswer('answer-empty', 'output is missing');
  if (typeof output === 'number') return { ...NOTHING, value: output };
  if (typeof output === 'string') return ofString(output);
  if (Array.isArray(output)) return ofList(output, between);
  if (isObject(output)) return ofObject(output);
  return { ...NOTHING, text: JSON.stringify(output) };
}

function ofString(output: string): Omit<CogOutput, 'server'> {
  const file = readDataUrl(output);
  return file === null ? { ...NOTHING, text: output } : { ...NOTHING, files: [file] };
}

function ofList(output: readonly unknown[], between: string): Omit<CogOutput, 'server'> {
  const [first] = output;
  if (first === undefined) throw new BadAnswer('answer-empty', 'output is an empty list');
  if (output.length === 1 && typeof first === 'number') return { ...NOTHING, value: first };
  const texts = output.filter((each) => typeof each === 'string');
  if (texts.length < output.length) return { ...NOTHING, text: JSON.stringify(output) };
  const files = texts.map(readDataUrl).filter((file) => file !== null);
  if (files.length === 0) return { ...NOTHING, text: texts.join(between) };
  if (files.length < texts.length) throw badShape('output', 'texts or files, not both', `${files.length} files in ${texts.length}`);
  return { ...NOTHING, files };
}

/** The files that stand in it; without any, the object itself is the answer, as JSON. */
function ofObject(output: Record<string, unknown>): Omit<CogOutput, 'server'> {
  const files = Object.values(output)
    .flat()
    .map((each) => (typeof each === 'string' ? readDataUrl(each) : null))
    .filter((file) => file !== null);
  return files.length === 0 ? { ...NOTHING, text: JSON.stringify(output) } : { ...NOTHING, files };
}

/** `metrics.predict_time` is in seconds, of the predictor alone. */
function timingsOf(metrics: unknown): ServerTimings | null {
  if (!isObject(metrics)) return null;
  const seconds = amountAt(metrics.predict_time, 'metrics.predict_time');
  return seconds === null ? null : { queueMs: null, loadMs: null, generateMs: seconds * 1000, encodeMs: null };
}
