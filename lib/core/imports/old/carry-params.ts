/**
 * Params of an old file under the names that a model's manifest has: known synonyms, a resolution as width and height, texts as numbers. What the
 * manifest does not take is left out, with a note. Pure; called by assemble-spec.ts.
 */
import { cellNumber } from '../../csv-table.ts';
import type { ParamSchema } from '../../manifest.ts';
import { checkParam, type Params, type ParamValue } from '../../params.ts';
import type { RegisteredModel } from '../../registry.ts';

/** Names for one thing, as pipelines of diffusion models have them. */
const SYNONYMS: readonly (readonly string[])[] = [
  ['num_inference_steps', 'steps', 'inference_steps', 'sampling_steps', 'infer_steps', 'infer_step', 'num_steps'],
  ['guidance_scale', 'guidance', 'cfg', 'cfg_scale'],
  ['num_frames', 'frames', 'video_length', 'length'],
  ['fps', 'frame_rate', 'frames_per_second'],
  ['max_new_tokens', 'max_tokens', 'max_completion_tokens'],
  ['resolution', 'size', 'video_size'],
  ['negative_prompt', 'neg_prompt'],
];

export interface CarriedParams {
  readonly params: Params;
  readonly notes: readonly string[];
}

/** `registered` null: params keep their old names, unchecked. */
export function carryParams(old: Readonly<Record<string, unknown>>, registered: RegisteredModel | null): CarriedParams {
  const params: Params = {};
  const notes: string[] = [];
  for (const [name, value] of Object.entries(old)) {
    if (value === null || value === undefined || value === '') continue;
    const parts = registered === null ? [[name, value] as const] : partsOf(name, value, registered);
    for (const [part, partValue] of parts) {
      const why = carryOne(part, partValue, registered, params);
      if (why !== null) notes.push(`${part} ${JSON.stringify(partValue) ?? ''} is left out: ${why}`);
    }
  }
  return { params, notes };
}

/** Sets the param, or says why it is none. */
function carryOne(name: string, value: unknown, registered: RegisteredModel | null, params: Params): string | null {
  if (!isScalar(value)) return 'it is neither a number, a text nor a truth value';
  if (registered === null) {
    params[name.slice(0, 64)] = typed(value, undefined);
    return null;
  }
  const { properties } = registered.manifest.params;
  const known = nameIn(Object.keys(properties), name);
  const schema = known === null ? undefined : properties[known];
  if (known === null || schema === undefined) return `${registered.manifest.id} has no such param`;
  const given = typed(value, schema);
  const fault = checkParam(schema, given);
  if (fault !== null) return `${registered.manifest.id} takes ${fault.expected}`;
  params[known] = given;
  return null;
}

/** The name itself, whatever its case and separators, or a synonym. */
function nameIn(known: readonly string[], name: string): string | null {
  const plain = (text: string): string => text.toLowerCase().replace(/[^a-z0-9]/g, '');
  const group = SYNONYMS.find((names) => names.some((each) => plain(each) === plain(name))) ?? [];
  const wanted = [name, ...group].map(plain);
  return known.find((each) => plain(each) === plain(name)) ?? known.find((each) => wanted.includes(plain(each))) ?? null;
}

/** `512x320`, `[512, 320]` as width and height, where the manifest has those and no resolution. */
function partsOf(name: string, value: unknown, { manifest }: RegisteredModel): (readonly [string, unknown])[] {
  const known = Object.keys(manifest.params.properties);
  const isSize =
    /^(resolution|size|video_size)$/i.test(name) && nameIn(known, name) === null && known.includes('width') && known.includes('height');
  const text = Array.isArray(value) ? value.join('x') : typeof value === 'string' ? value : '';
  const [, width, height] = /^(\d{1,5})\s*[x*×]\s*(\d{1,5})$/i.exec(text.trim()) ?? [];
  if (!isSize || width === undefined || height === undefined) return [[name, value]];
  return [
    ['width', Number(width)],
    ['height', Number(height)],
  ];
}

function isScalar(value: unknown): value is ParamValue {
  return typeof value === 'string' || typeof value === 'boolean' || (typeof value === 'number' && Number.isFinite(value));
}

/** Texts of a CSV become what they say, unless the manifest wants a text. */
function typed(value: ParamValue, schema: ParamSchema | undefined): ParamValue {
  if (typeof value !== 'string' || schema?.type === 'string') return value;
  if (/^(true|false)$/i.test(value)) return value.toLowerCase() === 'true';
  const number = cellNumber(value);
  return typeof number === 'number' ? number : value;
}
