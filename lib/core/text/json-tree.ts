/**
 * A structured answer or its ground truth as a tree of plain values: what ANLS* and field accuracy compare. Numbers keep the text that Python
 * would print for them (1.0 is not 1), because ANLS* compares texts.
 */

/** `text`: as Python's `str` prints it. `number`: its value, also of booleans (1 and 0). */
export type Leaf = { readonly kind: 'leaf'; readonly text: string; readonly number: number | null };

export type JsonTree =
  | Leaf
  | { readonly kind: 'none' }
  | { readonly kind: 'list'; readonly items: readonly JsonTree[] }
  | { readonly kind: 'dict'; readonly fields: ReadonlyMap<string, JsonTree> }
  /** Of a ground truth: any of these is right. Written `{"$oneOf": […]}`. */
  | { readonly kind: 'one-of'; readonly options: readonly JsonTree[] };

export const NONE: JsonTree = { kind: 'none' };
/** How deep a tree may be nested. */
export const MAX_DEPTH = 64;
const MAX_LIST = 500;

/** A number of a JSON text with the text itself, so that 1.0 and 1 stay apart. Made by parseJsonKeepingNumbers. */
class SourceNumber {
  readonly source: string;
  constructor(source: string) {
    this.source = source;
  }
}

/** JSON.parse for treeOf: numbers keep their text. */
export function parseJsonKeepingNumbers(text: string): unknown {
  return JSON.parse(text, (_key, value: unknown, context?: { readonly source?: string }) =>
    typeof value === 'number' ? new SourceNumber(context?.source ?? String(value)) : value,
  );
}

/** Python's `repr` of a float: exponents below -4 and from 16 on, two digits at least; a fraction always. */
export function pythonFloatText(value: number): string {
  if (!Number.isFinite(value)) return value > 0 ? 'inf' : value < 0 ? '-inf' : 'nan';
  const [mantissa = '', exponentText = '0'] = value.toExponential().split('e');
  const exponent = Number(exponentText);
  const sign = Object.is(value, -0) || value < 0 ? '-' : '';
  const digits = mantissa.replace(/[-.]/g, '');
  if (exponent < -4 || exponent >= 16) {
    const fraction = digits.length > 1 ? `.${digits.slice(1)}` : '';
    return `${sign}${digits.slice(0, 1)}${fraction}e${exponent < 0 ? '-' : '+'}${String(Math.abs(exponent)).padStart(2, '0')}`;
  }
  if (exponent < 0) return `${sign}0.${'0'.repeat(-exponent - 1)}${digits}`;
  const whole = digits.slice(0, exponent + 1).padEnd(exponent + 1, '0');
  return `${sign}${whole}.${digits.slice(exponent + 1) || '0'}`;
}

function numberLeaf(source: string): Leaf {
  const number = Number(source);
  if (/[.eE]/.test(source)) return { kind: 'leaf', text: pythonFloatText(number), number };
  return { kind: 'leaf', text: source === '-0' ? '0' : source, number };
}

function optionsOf(fields: ReadonlyMap<string, unknown>): readonly unknown[] | null {
  const options = fields.get('$oneOf');
  return fields.size === 1 && Array.isArray(options) && options.length > 0 ? options : null;
}

/**
 * The tree of a parsed JSON value. `isTruth` allows `{"$oneOf": […]}`. Throws RangeError with the reason for one that is nested too deeply
 * or has a list too long to be matched.
 */
export function treeOf(value: unknown, isTruth: boolean, depth = 0): JsonTree {
  if (depth > MAX_DEPTH) throw new RangeError(`nested more than ${MAX_DEPTH} deep`);
  const below = (inner: unknown): JsonTree => treeOf(inner, isTruth, depth + 1);
  if (value === null || value === undefined) return NONE;
  if (typeof value === 'string') return { kind: 'leaf', text: value, number: null };
  if (typeof value === 'boolean') return { kind: 'leaf', text: value ? 'True' : 'False', number: Number(value) };
  if (typeof value === 'number') return numberLeaf(String(value));
  if (value instanceof SourceNumber) return numberLeaf(value.source);
  if (Array.isArray(value)) {
    if (value.length > MAX_LIST) throw new RangeError(`a list of ${value.length}, at most ${MAX_LIST} can be matched`);
    return { kind: 'list', items: value.map(below) };
  }
  const fields = new Map<string, unknown>(Object.entries(value));
  const options = isTruth ? optionsOf(fields) : null;
  if (options !== null) return { kind: 'one-of', options: options.map(below) };
  return { kind: 'dict', fields: new Map([...fields].map(([key, inner]) => [key, below(inner)])) };
}

/** Equal as Python compares values: 1 equals 1.0 and True. Choices equal nothing. */
export function areEqual(a: JsonTree, b: JsonTree): boolean {
  if (a.kind === 'leaf') return b.kind === 'leaf' && (a.number === null ? b.number === null && a.text === b.text : a.number === b.number);
  if (a.kind === 'none') return b.kind === 'none';
  if (a.kind === 'list')
    return b.kind === 'list' && a.items.length === b.items.length && a.items.every((item, index) => areEqual(item, b.items[index] ?? NONE));
  if (a.kind === 'one-of' || b.kind !== 'dict' || a.fields.size !== b.fields.size) return false;
  return [...a.fields].every(([key, inner]) => areEqual(inner, b.fields.get(key) ?? { kind: 'one-of', options: [] }));
}
