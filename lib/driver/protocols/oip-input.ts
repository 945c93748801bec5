/**
 * A sample as tensors of the Open Inference Protocol, by what the model's metadata declares. Called by oip-v2.ts. Many servers declare nothing: they
 * are sent what the servers' own examples send.
 */
import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import type { Sample } from './model-protocol.ts';

const declaredSchema = z.looseObject({ name: z.string(), datatype: z.string(), shape: z.array(z.number()).default([]) });
export type DeclaredTensor = z.infer<typeof declaredSchema>;

/** The body of `GET /v2/models/{model}`. */
export const metadataSchema = z.looseObject({ name: z.string(), inputs: z.array(declaredSchema).nullish() });

interface Tensor {
  readonly name: string;
  readonly datatype: string;
  readonly shape: readonly number[];
  readonly data: readonly unknown[];
  readonly parameters?: object;
}

export interface OipRequest {
  readonly params: Readonly<Record<string, unknown>>;
  readonly inputPath: (sha256: string) => string;
}

/** What of a sample has not found its input yet. */
interface Left {
  readonly cells: Map<string, number | string>;
  readonly params: Map<string, unknown>;
  /** Texts that have no name of their own: the prompt, then the files in base64. */
  readonly texts: { readonly text: string; readonly isBase64: boolean; readonly usualName: string }[];
}

/** Names under which servers take a prompt, likeliest first. */
const PROMPT_NAMES = ['prompt', 'text', 'text_input', 'input', 'query'];

/** The body of an inference without its end, which its id makes. Rejects when an input file cannot be read. */
export function openBodyOf(sample: Sample, declared: readonly DeclaredTensor[], request: OipRequest): string | Promise<string> {
  const { files = [] } = sample.item.input;
  if (files.length === 0) return bodyOf(leftOf(sample, request, []), declared);
  const reading = Promise.all(files.map(async ({ sha256 }) => (await readFile(request.inputPath(sha256))).toString('base64')));
  return reading.then((contents) => bodyOf(leftOf(sample, request, contents), declared));
}

/** An empty cell is left out: no number stands for it. A conversation is a text of JSON. */
function leftOf({ item, seed }: Sample, { params }: OipRequest, files: readonly string[]): Left {
  const { prompt, messages, row } = item.input;
  const cells = new Map<string, number | string>();
  for (const [name, cell] of Object.entries(row ?? {})) if (cell !== null) cells.set(name, cell);
  const said = prompt ?? (messages === undefined ? undefined : JSON.stringify(messages));
  return {
    cells,
    params: new Map(Object.entries({ ...params, seed })),
    texts: [
      ...(said === undefined ? [] : [{ text: said, isBase64: false, usualName: 'prompt' }]),
      ...files.map((text) => ({ text, isBase64: true, usualName: 'image' })),
    ],
  };
}

function bodyOf(left: Left, declared: readonly DeclaredTensor[]): string {
  const inputs = declared.length === 0 ? conventional(left) : fitting(left, declared);
  const parameters = Object.fromEntries(left.params);
  return `{"inputs":${JSON.stringify(inputs)},"parameters":${JSON.stringify(parameters)}`;
}

/** Columns, params and the seed go to the inputs of their names; texts and what is left of the row to those that remain. */
function fitting(left: Left, declared: readonly DeclaredTensor[]): Tensor[] {
  const named = new Map(declared.flatMap((each) => byName(left, each)).map((tensor) => [tensor.name, tensor]));
  const open = declared.filter(({ name }) => !named.has(name));
  const texts = open.filter(({ datatype }) => datatype === 'BYTES').sort((a, b) => rankOf(a) - rankOf(b));
  for (const each of texts) {
    const next = left.texts.shift();
    if (next !== undefined) named.set(each.name, textTensor(each.name, each.shape, next));
  }
  const matrix = open.find(({ datatype }) => datatype !== 'BYTES' && datatype !== 'BOOL');
  if (matrix !== undefined && left.cells.size > 0) named.set(matrix.name, rowTensor(matrix, left));
  return declared.flatMap(({ name }) => named.get(name) ?? []);
}

function rankOf({ name }: DeclaredTensor): number {
  const rank = PROMPT_NAMES.indexOf(name);
  return rank === -1 ? PROMPT_NAMES.length : rank;
}

function byName({ cells, params }: Left, { name, datatype, shape }: DeclaredTensor): Tensor[] {
  const source = cells.has(name) ? cells : params;
  const value = source.get(name);
  if (value === undefined) return [];
  source.delete(name);
  return [{ name, datatype, shape: ones(shape), data: [datatype === 'BYTES' ? String(value) : value] }];
}

/** One sample is a batch of one. */
function ones(shape: readonly number[]): number[] {
  return shape.length === 0 ? [1] : shape.map(() => 1);
}

function textTensor(name: string, shape: readonly number[], { text, isBase64 }: Left['texts'][number]): Tensor {
  const parameters = isBase64 ? { parameters: { content_type: 'base64' } } : {};
  return { name, datatype: 'BYTES', shape: ones(shape), data: [text], ...parameters };
}

/** The columns in the order of the suite, as one line of a matrix. */
function rowTensor({ name, datatype, shape }: DeclaredTensor, { cells }: Left): Tensor {
  const data = [...cells.values()];
  cells.clear();
  return { name, datatype, shape: shape.length < 2 ? [data.length] : [...ones(shape).slice(1), data.length], data };
}

function conventional(left: Left): Tensor[] {
  const texts = left.texts.splice(0).map((each) => textTensor(each.usualName, [1], each));
  const row = left.cells.size === 0 ? [] : [rowTensor({ name: 'input-0', datatype: 'FP64', shape: [1, -1] }, left)];
  return [...texts, ...row];
}
