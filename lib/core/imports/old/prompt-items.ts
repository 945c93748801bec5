/** Prompts of an old file as drafts of items, each once, with the ids that it gives. Pure; called by the importers of this folder. */
import { type DraftItem, scalarText } from '../draft-item.ts';
import { isRecord, type RefusedEntry, refusedEntry } from '../source-entry.ts';

const TEXT_KEYS = ['prompt', 'prompt_en', 'text', 'question'];

/** `values`: texts, or objects with a prompt and perhaps an id; other keys become attributes where they are short. */
export function promptItems(values: readonly { readonly value: unknown; readonly where: string }[]): (DraftItem | RefusedEntry)[] {
  const seen = new Set<string>();
  return values.flatMap(({ value, where }): (DraftItem | RefusedEntry)[] => {
    const fields = isRecord(value) ? value : {};
    const key = TEXT_KEYS.find((name) => typeof fields[name] === 'string');
    const prompt = typeof value === 'string' ? value : key === undefined ? null : fields[key];
    if (typeof prompt !== 'string' || prompt.trim() === '') return [refusedEntry(where, 'no prompt: a text is expected')];
    const id = scalarText(fields.id);
    const identity = JSON.stringify([id, prompt]);
    if (seen.has(identity)) return [];
    seen.add(identity);
    const rest = Object.entries(fields).filter(([name]) => name !== key && name !== 'id' && /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/.test(name));
    const attributes = rest.flatMap(([name, each]) => {
      const text = scalarText(each);
      return text === null || text.length > 200 ? [] : [[name, text] as const];
    });
    return [
      { where, givenId: id, name: prompt, input: { prompt }, image: null, reference: null, attributes: Object.fromEntries(attributes) },
    ];
  });
}
