/**
 * What a Cog predictor takes, as its OpenAPI document says, and a sample in those terms. Called by cog.ts. Predictors name their inputs as they
 * like, and refuse names that they do not know.
 */
import { z } from 'zod';
import type { FrozenItem } from '../../core/job.ts';
import { jsonOrNull } from '../../core/json-or-null.ts';
import { dataUrlOf } from './data-url.ts';
import type { Sample } from './model-protocol.ts';

const propertySchema = z.looseObject({
  type: z.string().optional(),
  format: z.string().optional(),
  'x-order': z.number().optional(),
  items: z.looseObject({ format: z.string().optional() }).optional(),
});
type Property = z.infer<typeof propertySchema>;

const documentSchema = z.looseObject({
  components: z.looseObject({
    schemas: z.looseObject({
      Input: z.looseObject({ properties: z.record(z.string(), propertySchema).default({}), required: z.array(z.string()).default([]) }),
      Output: z.looseObject({ type: z.string().optional(), 'x-cog-array-display': z.string().optional() }).optional(),
    }),
  }),
});

export interface CogInputs {
  readonly prompt: string;
  /** Null where the predictor takes no seed, or cannot tell. */
  readonly seed: string | null;
  /** In the predictor's order; a list takes all files that are left. */
  readonly files: readonly { readonly name: string; readonly isList: boolean }[];
  /** Between the texts of a list: pieces of one text are put together, other lists are lines. */
  readonly between: '' | '\n';
}

/** Of a server without a document: conventions, and no seed, which a predictor without one would refuse. */
export const CONVENTIONAL: CogInputs = { prompt: 'prompt', seed: null, files: [{ name: 'image', isList: false }], between: '' };

/** The body of `GET /openapi.json`; null where it is no document of a predictor. */
export function readInputs(body: Buffer): CogInputs | null {
  const parsed = documentSchema.safeParse(jsonOrNull(body.toString('utf8')));
  if (!parsed.success) return null;
  const { Input, Output } = parsed.data.components.schemas;
  const properties = Object.entries(Input.properties).sort(([, a], [, b]) => (a['x-order'] ?? 0) - (b['x-order'] ?? 0));
  const isPieces = Output?.type !== 'array' || Output['x-cog-array-display'] === 'concatenate';
  return {
    prompt: promptName(properties, Input.required),
    seed: Object.hasOwn(Input.properties, 'seed') ? 'seed' : null,
    files: properties.filter(([, each]) => takesFiles(each)).map(([name, { type }]) => ({ name, isList: type === 'array' })),
    between: isPieces ? '' : '\n',
  };
}

function takesFiles({ format, items }: Property): boolean {
  return format === 'uri' || items?.format === 'uri';
}

/** `prompt`, `text` or `input`; else the one text that the predictor cannot do without. */
function promptName(properties: readonly [string, Property][], required: readonly string[]): string {
  const texts = properties.filter(([, each]) => each.type === 'string' && !takesFiles(each)).map(([name]) => name);
  const named = ['prompt', 'text', 'input'].find((name) => texts.includes(name));
  if (named !== undefined) return named;
  const [only, ...others] = texts.filter((name) => required.includes(name));
  return only !== undefined && others.length === 0 ? only : 'prompt';
}

export interface CogRequest {
  readonly params: Readonly<Record<string, unknown>>;
  readonly inputPath: (sha256: string) => string;
}

/** The body of a prediction. Rejects when an input file cannot be read. */
export function bodyOf({ item, seed }: Sample, inputs: CogInputs, { params, inputPath }: CogRequest): string | Promise<string> {
  const { prompt, messages, row, files } = item.input;
  const plain = {
    ...params,
    ...(prompt === undefined ? {} : { [inputs.prompt]: prompt }),
    ...(messages === undefined ? {} : { messages }),
    ...cellsOf(row),
    ...(inputs.seed === null ? {} : { [inputs.seed]: seed }),
  };
  if (files === undefined || files.length === 0) return JSON.stringify({ input: plain });
  return filesOf(files, inputs, inputPath).then((named) => JSON.stringify({ input: { ...plain, ...named } }));
}

/** Each column is an input; an empty cell is left out, for no type of Cog's but a text takes null. */
function cellsOf(row: FrozenItem['input']['row']): Record<string, number | string> {
  const cells: Record<string, number | string> = {};
  for (const [name, cell] of Object.entries(row ?? {})) if (cell !== null) cells[name] = cell;
  return cells;
}

async function filesOf(
  files: NonNullable<FrozenItem['input']['files']>,
  inputs: CogInputs,
  inputPath: (sha256: string) => string,
): Promise<Record<string, unknown>> {
  const left = await Promise.all(files.map(({ sha256, contentType }) => dataUrlOf(inputPath(sha256), contentType)));
  const named: Record<string, unknown> = {};
  const places = inputs.files.length === 0 ? CONVENTIONAL.files : inputs.files;
  for (const { name, isList } of places) {
    if (left.length === 0) break;
    named[name] = isList ? left.splice(0) : left.shift();
  }
  // Sent under a name that does not exist, so that the predictor refuses it: a file must not be lost without a word.
  if (left.length > 0) named.files = left;
  return named;
}
