/**
 * Field-level accuracy of structured answers: every leaf of the truth is a field, named by its path; it is right when the answer has an equal
 * value at the same path. Lists compare by position. Stricter and easier to read than ANLS*.
 */
import { areEqual, type JsonTree, NONE } from './json-tree.ts';
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

/** Texts after normalisation (NFC, white space collapsed), numbers by value. */
function agree(truth: JsonTree, answer: JsonTree): boolean {
  const areTexts = truth.kind === 'leaf' && answer.kind === 'leaf' && truth.number === null && answer.number === null;
  return areTexts ? normaliseText(truth.text) === normaliseText(answer.text) : areEqual(truth, answer);
}

/** The truth with each of its choices made: of alternatives the one with the highest share of right fields, the first of equals. */
function chosen(truth: JsonTree, answer: JsonTree): JsonTree {
  switch (truth.kind) {
    case 'one-of': {
      const [first = truth, ...others] = truth.options.map((option) => chosen(option, answer));
      return others.reduce((best, tree) => (shareOf(tree, answer) > shareOf(best, answer) ? tree : best), first);
    }
    case 'list': {
      const given = answer.kind === 'list' ? answer.items : [];
      return { kind: 'list', items: truth.items.map((item, index) => chosen(item, given[index] ?? NONE)) };
    }
    case 'dict': {
      const given = answer.kind === 'dict' ? answer.fields : null;
      return { kind: 'dict', fields: new Map([...truth.fields].map(([key, inner]) => [key, chosen(inner, given?.get(key) ?? NONE)])) };
    }
    default:
      return truth;
  }
}

/** Of a truth whose choices are made. */
function shareOf(truth: JsonTree, answer: JsonTree): number {
  const { right, wrong, missing } = countChosen(answer, truth);
  return right / (right + wrong + missing);
}

/** Counts of one answer; accuracy is right / (right + wrong + missing), precision right / (right + wrong + invented). */
export function countFields(answer: JsonTree, truth: JsonTree): FieldCount {
  return countChosen(answer, chosen(truth, answer));
}

function countChosen(answer: JsonTree, truth: JsonTree): FieldCount {
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
