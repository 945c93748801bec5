/**
 * Run requests of generation services, `{model_name, prompts, config: {num_frames, fps, resolution, num_inference_steps, guidance_scale}}`: one, a
 * list, or one a line. Requests with equal prompts become one spec with several models. Pure.
 */
import { z } from 'zod';
import { messageOf } from '../../errors.ts';
import { isNestedTooDeep, NESTED_TOO_DEEP } from '../nesting.ts';
import { assembleSpec, type OldModel } from './assemble-spec.ts';
import { type OldContext, type OldImport, oldInvalid } from './old-import.ts';
import { promptItems } from './prompt-items.ts';

const requestSchema = z.looseObject({
  model_name: z.string().min(1).max(300).optional(),
  model: z.string().min(1).max(300).optional(),
  prompts: z.array(z.unknown()).min(1).max(100_000).optional(),
  prompt: z.string().min(1).optional(),
  config: z.record(z.string(), z.unknown()).optional(),
});
type Request = z.infer<typeof requestSchema>;

const KNOWN = new Set(Object.keys(requestSchema.shape));
/** Of `config`, what a spec says elsewhere. */
const REPEATS = ['num_videos_per_prompt', 'num_samples', 'num_repeats'];
const SHAPE = 'Give {"model_name": …, "prompts": […], "config": {…}}, a list of such requests, or one a line.';

interface Group {
  readonly prompts: readonly { readonly value: unknown; readonly where: string }[];
  readonly models: OldModel[];
  readonly notes: string[];
  seed?: unknown;
  perItem?: unknown;
}

/** Throws `import-invalid`. */
export function importRunRequests(text: string, context: OldContext): OldImport {
  const groups = new Map<string, Group>();
  for (const [index, value] of parseRequests(text).entries()) {
    const where = `request ${index + 1}`;
    if (isNestedTooDeep(value)) throw oldInvalid(`${where}: ${NESTED_TOO_DEEP}`, SHAPE);
    const parsed = requestSchema.safeParse(value);
    if (!parsed.success) {
      const why = parsed.error.issues.map((issue) => `${issue.path.join('.') || 'request'}: ${issue.message}`).join('; ');
      throw oldInvalid(`${where}: ${why}`, SHAPE);
    }
    addRequest(parsed.data, where, groups, context);
  }
  const task = context.task ?? 'text-to-video';
  const many = groups.size > 1;
  const made = [...groups.values()].map((group, index) => {
    const name = many ? `${context.name}-${index + 1}` : context.name;
    const suite = { id: `${name}-prompts`, task, drafts: promptItems(group.prompts) };
    const run = { name, suite: `./${suite.id}`, task, models: group.models, metrics: [], truths: new Set<string>(), notes: group.notes };
    return { suite, spec: assembleSpec({ ...run, seed: group.seed, perItem: group.perItem }, context) };
  });
  return { specs: made.map(({ spec }) => spec), suites: made.map(({ suite }) => suite) };
}

function addRequest(request: Request, where: string, groups: Map<string, Group>, context: OldContext): void {
  const values = request.prompts ?? (request.prompt === undefined ? [] : [request.prompt]);
  const name = request.model_name ?? request.model;
  const names = name === undefined ? context.otherwise : [name];
  if (values.length === 0) throw oldInvalid(`${where} has no prompts`, SHAPE);
  if (names.length === 0) throw oldInvalid(`${where} names no model`, 'Add model_name, or give --model <id>.');
  const prompts = values.map((value, index) => ({ value, where: `${where}, prompt ${index + 1}` }));
  const key = JSON.stringify(values);
  const group: Group = groups.get(key) ?? { prompts, models: [], notes: [] };
  groups.set(key, group);
  const { seed, ...config } = request.config ?? {};
  const repeats = REPEATS.find((each) => config[each] !== undefined);
  const params = Object.fromEntries(Object.entries(config).filter(([each]) => each !== repeats));
  for (const [field, value] of [['seed', seed ?? request.seed] as const, ['perItem', repeats && config[repeats]] as const]) {
    if (value === undefined) continue;
    if (group[field] === undefined) group[field] = value;
    else if (group[field] !== value)
      group.notes.push(`${where}: ${field} ${JSON.stringify(value)} is left out: a spec has one for all models`);
  }
  for (const each of names) group.models.push({ name: each, params, where });
  const unknown = Object.keys(request).filter((each) => !KNOWN.has(each) && each !== 'seed');
  if (unknown.length > 0) group.notes.push(`${where}: left out ${unknown.slice(0, 20).join(', ')}`);
}

function parseRequests(text: string): unknown[] {
  const clean = text.replace(/^\uFEFF/, '').trim();
  let value: unknown;
  try {
    value = JSON.parse(clean);
  } catch (thrown) {
    const lines = clean.split('\n').filter((line) => line.trim() !== '');
    if (lines.length < 2) throw oldInvalid(`the file is not JSON: ${messageOf(thrown).slice(0, 200)}`, SHAPE, thrown);
    return lines.map((line, index) => parseLine(line, index));
  }
  const list = Array.isArray(value) ? value : [value];
  if (list.length === 0) throw oldInvalid('the list has no requests', SHAPE);
  return list;
}

function parseLine(line: string, index: number): unknown {
  try {
    return JSON.parse(line);
  } catch (thrown) {
    throw oldInvalid(`request ${index + 1}: not JSON: ${messageOf(thrown).slice(0, 200)}`, SHAPE, thrown);
  }
}
