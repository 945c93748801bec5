/**
 * From an entry of a foreign table to what will be an item: its input, its truth, its attributes, and the image that it names. Says why where that
 * is not possible. Pure; the id comes last, when the image's digest is known (finish-item.ts).
 */
import { cellNumber } from '../csv-table.ts';
import { ID_PATTERN } from '../ids.ts';
import type { SuiteItem } from '../suite.ts';
import type { ColumnRoles } from './column-roles.ts';
import { slugOf } from './item-ids.ts';
import { type EntryImage, isRecord, type SourceEntry } from './source-entry.ts';

/** Longer cells are no attributes: nobody filters by them. */
const MAX_ATTRIBUTE_LENGTH = 200;
const MAX_PROMPT_LENGTH = 100_000;

type Input = SuiteItem['input'];
export type Attributes = Record<string, string>;
type Reference = Record<string, unknown> | null;

export interface DraftItem {
  readonly where: string;
  /** As the source has it, or null. */
  readonly givenId: string | null;
  /** What a made id is called after. */
  readonly name: string;
  readonly input: Input;
  readonly image: EntryImage | null;
  readonly reference: Reference;
  readonly attributes: Attributes;
}

export type Drafted = { readonly ok: true; readonly draft: DraftItem } | { readonly ok: false; readonly why: string };

export interface DraftRules {
  readonly task: string;
  readonly roles: ColumnRoles;
  /** Columns that become attributes; null: every column that is left over and short enough. */
  readonly attributes: readonly string[] | null;
  /** Sent where the entry has no prompt. */
  readonly prompt: string | null;
  /** Of tabular tasks: the columns of the row. */
  readonly features: readonly string[];
}

export function draftItem({ where, fields }: SourceEntry, rules: DraftRules): Drafted {
  const { roles } = rules;
  const input = inputOf(fields, rules);
  if (typeof input === 'string') return refuse(input);
  const image = imageOf(roles.image === undefined ? undefined : fields[roles.image]);
  if (typeof image === 'string') return refuse(image);
  const reference = referenceOf(fields, roles);
  if (typeof reference === 'string') return refuse(reference);
  if (rules.task !== 'tabular-regression' && input.prompt === undefined && input.messages === undefined && image === null)
    return refuse(`nothing to send: no ${rules.task === 'text-to-video' ? 'prompt' : 'prompt, messages or image'}`);
  const given = roles.id === undefined ? undefined : fields[roles.id];
  const name = input.prompt ?? (image?.kind === 'path' ? image.path : (image?.name ?? ''));
  const draft = { where, givenId: given === undefined || given === null ? null : scalarText(given), name, input, image };
  return { ok: true, draft: { ...draft, reference, attributes: attributesOfEntry(fields, rules) } };
}

function refuse(why: string): Drafted {
  return { ok: false, why };
}

/** The input, or why there is none. */
function inputOf(fields: SourceEntry['fields'], { task, roles, features, prompt: shared }: DraftRules): Input | string {
  if (task === 'tabular-regression') return rowOf(fields, features);
  const { prompt: promptColumn, messages: messagesColumn } = roles;
  const prompt = promptColumn === undefined ? shared : (fields[promptColumn] ?? shared);
  const messages = messagesColumn === undefined ? undefined : fields[messagesColumn];
  if (messages !== undefined && !Array.isArray(messages)) return `${messagesColumn}: a list of messages is expected`;
  if (prompt !== null && prompt !== undefined && typeof prompt !== 'string') return `${promptColumn}: a text is expected`;
  const text = prompt?.trim() === '' ? null : prompt;
  if (text !== null && text !== undefined && text.length > MAX_PROMPT_LENGTH)
    return `the prompt has more than ${MAX_PROMPT_LENGTH} characters`;
  return { ...(text === null || text === undefined ? {} : { prompt: text }), ...(messages === undefined ? {} : { messages }) };
}

function rowOf(fields: SourceEntry['fields'], features: readonly string[]): Input | string {
  const row: Record<string, number | string | null> = {};
  for (const name of features) {
    const value = fields[name] ?? null;
    if (typeof value === 'string') {
      const number = cellNumber(value);
      row[name] = typeof number === 'number' ? number : value;
    } else if (value === null || (typeof value === 'number' && Number.isFinite(value))) row[name] = value;
    else if (typeof value === 'boolean') row[name] = value ? 1 : 0;
    else return `${name}: a number or a text is expected`;
  }
  return features.length === 0 ? 'no columns are left for the row' : { row };
}

function imageOf(value: unknown): EntryImage | string | null {
  if (value === undefined || value === null) return null;
  if (typeof value === 'string') return { kind: 'path', path: value };
  if (value instanceof Uint8Array) return { kind: 'bytes', bytes: value, name: 'image' };
  if (!isRecord(value)) return 'the image is neither a path nor bytes';
  const name = typeof value.path === 'string' ? value.path : 'image';
  if (value.bytes instanceof Uint8Array) return { kind: 'bytes', bytes: value.bytes, name };
  return typeof value.path === 'string' ? { kind: 'path', path: value.path } : 'the image is neither a path nor bytes';
}

/** The truth, null where the source has none, or why it cannot be one. */
function referenceOf(fields: SourceEntry['fields'], roles: ColumnRoles): Reference | string {
  const reference: Record<string, unknown> = {};
  for (const role of ['text', 'label', 'texts', 'fields', 'value'] as const) {
    const column = roles[role];
    const value = column === undefined ? undefined : fields[column];
    if (value === undefined || value === null) continue;
    if (role === 'texts' || (role === 'text' && Array.isArray(value))) {
      if (!Array.isArray(value) || !value.every((each) => typeof each === 'string')) return `${column}: a list of texts is expected`;
      reference.texts = value;
    } else if (role === 'fields') reference.fields = value;
    else if (role === 'value') {
      const number = typeof value === 'string' ? cellNumber(value) : value;
      if (typeof number !== 'number' || !Number.isFinite(number)) return `${column}: a number is expected`;
      reference.value = number;
    } else {
      const text = scalarText(value);
      if (text === null) return `${column}: a text is expected`;
      reference[role] = text;
    }
  }
  return Object.keys(reference).length === 0 ? null : reference;
}

/** A label is an attribute too: scores are broken down by it. */
function attributesOfEntry(fields: SourceEntry['fields'], rules: DraftRules): Attributes {
  const { label, ...others } = rules.roles;
  const used = new Set([...Object.values(others), ...(rules.attributes === null ? rules.features : [])]);
  const names = rules.attributes ?? Object.keys(fields).filter((name) => name === label || !used.has(name));
  const attributes: Attributes = {};
  for (const name of names) {
    const text = scalarText(fields[name]);
    if (text !== null && text.length <= MAX_ATTRIBUTE_LENGTH) attributes[attributeName(name)] = text;
  }
  return attributes;
}

/** Names of attributes are ids, so that a filter can name them. */
export function attributeName(column: string): string {
  return ID_PATTERN.test(column) ? column : slugOf(column, 'column', 60);
}

/** The text of a text, a number or a truth value; null for anything else. */
export function scalarText(value: unknown): string | null {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' || typeof value === 'bigint'
    ? String(value)
    : null;
}
