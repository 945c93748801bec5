/**
 * Reads an inference of the Open Inference Protocol: hostile bytes in, a checked answer or the sample's failure out. Called by oip-v2.ts.
 */
import { BadAnswer, badShape, failureOfBadAnswer, objectAt, parseJson } from './answer-guards.ts';
import type { ModelAnswer } from './model-protocol.ts';
import type { ReadAnswer } from './native-answer.ts';

const MAX_OUTPUTS = 64;
/** Data may come as nested lists, one level a dimension. */
const MAX_DIMENSIONS = 8;

/** The body of a 200. */
export function readInference(body: Buffer, generationId: string): ReadAnswer {
  try {
    const { id, outputs } = objectAt(parseJson(body), 'the answer');
    if (id !== undefined && id !== null && id !== generationId) throw badShape('id', `"${generationId}"`, id);
    if (!Array.isArray(outputs) || outputs.length > MAX_OUTPUTS) throw badShape('outputs', `a list of at most ${MAX_OUTPUTS}`, outputs);
    return { ok: true, answer: answerOf(outputs.map(elementsOf)) };
  } catch (thrown) {
    return { ok: false, failure: failureOfBadAnswer(thrown) };
  }
}

function elementsOf(output: unknown, index: number): unknown[] {
  const { data } = objectAt(output, `outputs[${index}]`);
  if (!Array.isArray(data)) throw badShape(`outputs[${index}].data`, 'a list (binary data was not asked for)', data);
  const elements = data.flat(MAX_DIMENSIONS);
  if (elements.some((each) => Array.isArray(each))) throw badShape(`outputs[${index}].data`, `at most ${MAX_DIMENSIONS} dimensions`, '…');
  return elements;
}

/** The first output of one element; without any, the first of all as JSON. */
function answerOf(outputs: readonly (readonly unknown[])[]): ModelAnswer {
  const first = outputs.find((elements) => elements.length > 0);
  if (first === undefined) throw new BadAnswer('answer-empty', 'no output has an element');
  const [only] = outputs.find((elements) => elements.length === 1) ?? [];
  const nothing = { value: null, files: [], server: null, usage: null, effectiveParams: null, peakAcceleratorMemoryMiB: null };
  if (only === undefined) return { ...nothing, text: JSON.stringify(first) };
  if (typeof only === 'number') return { ...nothing, text: null, value: only };
  if (only === null) throw new BadAnswer('answer-not-finite', 'the output is null, which stands for a number that is not finite');
  return { ...nothing, text: typeof only === 'string' ? only : JSON.stringify(only) };
}
