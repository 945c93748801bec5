/**
 * Field-level accuracy of structured answers: every leaf of the truth is a field, named by its path; it is right when the answer has an equal
 * value at the same path. Lists compare by position. Stricter and easier to read than ANLS*.
 */
import { areEqual, type JsonTree } from './json-tree.ts';
import { normaliseText } from './normalise.ts';

export const FIELD_ACCURACY_VERSION = '1.0.0';

export interface FieldCount {
  /** Fields of the truth with an equal value in the answer. */
  readonly right: number;
  /** Fields of the truth that the answer has, with another value. */
  readonly wrong: number;
  /** Fields of the truth that the answer lacks. */
  readonly missing: number;
  /** Fields of the answer that the truth lacks. */
  readonly invented: number;
}

/** Path -> leaf. An empty list or dictionary, and null, are fields without a value. */
function fieldsOf(tree: JsonTree): Map<string, JsonTree> {
  const fields = new Map<string, JsonTree>();
  const walk = (inner: JsonTree, path: string): void => {
    const below = inner.kind === 'list' ? [...inner.items.entries()] : inner.kind === 'dict' ? [...inner.fields] : [];
    if (below.length === 0) fields.set(path, inner);
    for (const [step, next] of below) walk(next, `${path}/${typeof step === 'number' ? step : JSON.stringify(step)}`);
  };
  walk(tree, '');
  return fields;
}

/** Texts after normalisation (NFC, white space collapsed), numbers by value; of a choice, any. */
function agree(truth: JsonTree, answer: JsonTree): boolean {
  if (truth.kind === 'one-of') return truth.options.some((option) => agree(option, answer));
  const areTexts = truth.kind === 'leaf' && answer.kind === 'leaf' && truth.number === null && answer.number === null;
  return areTexts ? normaliseText(truth.text) === normaliseText(answer.text) : areEqual(truth, answer);
}

/** Counts of one answer; accuracy is right / (right + wrong + missing), precision right / (right + wrong + invented). */
export function countFields(answer: JsonTree, truth: JsonTree): FieldCount {
  const [wanted, given] = [fieldsOf(truth), fieldsOf(answer)];
  let [right, wrong, missing] = [0, 0, 0];
  for (const [path, leaf] of wanted) {
    const found = given.get(path);
    if (found === undefined) missing++;
    else if (agree(leaf, found)) right++;
    else wrong++;
  }
  return { right, wrong, missing, invented: [...given.keys()].filter((path) => !wanted.has(path)).length };
}
