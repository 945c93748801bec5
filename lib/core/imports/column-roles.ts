/**
 * Which column of a foreign table is what: by the names that such tables use, or as the user says with --map. Pure; called before the first
 * entry becomes an item.
 */
import { BakeoffError } from '../errors.ts';
import { nearestName } from '../nearest-name.ts';

export const ROLES = ['id', 'prompt', 'messages', 'image', 'text', 'texts', 'label', 'value', 'fields'] as const;
export type Role = (typeof ROLES)[number];
export type ColumnRoles = Partial<Record<Role, string>>;

/** Names in use, the likeliest first; compared without regard to case. */
const NAMES: Readonly<Record<Role, readonly string[]>> = {
  id: ['id', 'item_id', 'sample_id', 'question_id', 'uid'],
  prompt: ['prompt', 'prompt_en', 'question', 'instruction', 'query'],
  messages: ['messages', 'conversation'],
  image: ['image', 'file_name', 'image_path', 'image_file', 'filename'],
  text: ['reference', 'answer', 'expected', 'ground_truth', 'text', 'transcription', 'target'],
  texts: ['references', 'answers'],
  label: ['label', 'class'],
  value: ['value', 'target', 'y'],
  fields: ['fields'],
};

/** Roles that an item of a task can have; `id` belongs to every task. */
const ROLES_OF_TASK: Readonly<Record<string, readonly Role[]>> = {
  'text-to-video': ['id', 'prompt'],
  'tabular-regression': ['id', 'value'],
};
const ROLES_OF_OTHERS: readonly Role[] = ['id', 'prompt', 'messages', 'image', 'text', 'texts', 'label', 'fields'];

export function rolesOfTask(task: string): readonly Role[] {
  return ROLES_OF_TASK[task] ?? ROLES_OF_OTHERS;
}

/** The roles of `columns`; what `mapped` says goes first. Throws `unknown-column` for a mapped column that is not there. */
export function columnRoles(columns: readonly string[], task: string, mapped: ColumnRoles): ColumnRoles {
  const roles: ColumnRoles = {};
  const taken = new Set<string>();
  for (const role of ROLES) {
    const column = mapped[role];
    if (column === undefined) continue;
    if (!columns.includes(column)) throw unknownColumn(column, columns);
    roles[role] = column;
    taken.add(column);
  }
  for (const role of rolesOfTask(task)) {
    if (roles[role] !== undefined) continue;
    const column = NAMES[role].map((name) => columns.find((each) => each.toLowerCase() === name && !taken.has(each))).find(Boolean);
    if (column === undefined) continue;
    roles[role] = column;
    taken.add(column);
  }
  return roles;
}

/** `role=column`, several times. Throws `bad-usage`. */
export function parseMapping(given: readonly string[], task: string): ColumnRoles {
  const roles: ColumnRoles = {};
  const allowed = rolesOfTask(task);
  for (const text of given) {
    const [name = '', column = ''] = splitAtEquals(text);
    const role = allowed.find((each) => each === name);
    if (role === undefined || column === '') {
      const message = `--map ${text}: ${role === undefined ? `${task} has no part ${JSON.stringify(name)}` : 'no column is named'}`;
      throw new BakeoffError({ code: 'bad-usage', message, remedy: `Give --map part=column; parts are ${allowed.join(', ')}.` });
    }
    roles[role] = column;
  }
  return roles;
}

/** The text before and behind the first equals sign; no second part where there is none. */
export function splitAtEquals(text: string): string[] {
  const at = text.indexOf('=');
  return at === -1 ? [text] : [text.slice(0, at).trim(), text.slice(at + 1).trim()];
}

export function unknownColumn(column: string, columns: readonly string[]): BakeoffError {
  const nearest = nearestName(column, columns);
  return new BakeoffError({
    code: 'unknown-column',
    message: `there is no column ${JSON.stringify(column)}${nearest === null ? '' : `; did you mean ${JSON.stringify(nearest)}?`}`,
    remedy: `Name one of ${columns.slice(0, 20).join(', ')}${columns.length > 20 ? ', …' : ''}.`,
  });
}
